"""Shows a page in a browser without any cloud: the answer that our code gives, headers and all."""

from playwright.sync_api import Page, Route

from coursewright.web.responses import Response

SITE = "http://127.0.0.1:9999/"


def show(page: Page, answer: Response, *, with_policy: bool = True) -> None:
    """Load an answer, with or without the headers that would stop what it contains."""
    headers = answer.headers if with_policy else {"content-type": "text/html; charset=utf-8"}

    def fulfil(route: Route) -> None:
        route.fulfill(status=200, body=answer.body, headers=headers)

    page.unroute_all()
    page.route("**/*", lambda route: route.abort())
    page.route(SITE, fulfil)
    page.goto(SITE, wait_until="load")
