"""Loads one of our responses into a browser, including its headers, without a cloud."""

from playwright.sync_api import Page, Route

from coursewright.web.responses import Response

SITE = "http://127.0.0.1:9999/"


def load_response(page: Page, response: Response, *, with_policy: bool = True) -> None:
    """Load a response with or without the headers that block active content."""
    headers = response.headers if with_policy else {"content-type": "text/html; charset=utf-8"}

    def fulfil(route: Route) -> None:
        route.fulfill(status=200, body=response.body, headers=headers)

    page.unroute_all()
    page.route("**/*", lambda route: route.abort())
    page.route(SITE, fulfil)
    page.goto(SITE, wait_until="load")
