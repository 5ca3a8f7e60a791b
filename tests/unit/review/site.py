"""Serves the review site in this process, with the template's routes and in-memory stores."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from coursewright.web.http import parse_request
from coursewright.web.invite_reviewer import invite_reviewer
from coursewright.web.responses import Response
from coursewright.web.review_responses import respond
from coursewright.web.show_review import show_review
from tests.unit.review.builders import SITE, ReviewHarness


class Site:
    """Answers requests like the HTTP API and its functions."""

    def __init__(self, harness: ReviewHarness, routes: Mapping[str, set[tuple[str, str]]]) -> None:
        self.harness = harness
        self._routes = [
            (method, path, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), function)
            for function, own in routes.items()
            for method, path in own
        ]

    def answer(
        self, method: str, path: str, *, headers: dict[str, str], cookies: list[str], body: str = ""
    ) -> Response:
        """Answer one request; a path without a route gets the HTTP API's own 404."""
        for known, route, pattern, function in self._routes:
            if known == method and (found := pattern.fullmatch(path)):
                parameters = {name: unquote(value) for name, value in found.groupdict().items()}
                event = _event(method, route, parameters, headers, cookies, body)
                return self._run(function, event)
        return Response(status=404, headers={"content-type": "application/json"}, body="{}")

    def _run(self, function: str, event: dict[str, Any]) -> Response:
        request, harness = parse_request(event, public_url=SITE), self.harness
        acts = {
            "show_review": lambda: show_review(request, deps=harness.review_deps()),
            "decide_review": lambda: harness.decide(request),
            "edit_draft": lambda: harness.save_edit(request),
            "invite_reviewer": lambda: invite_reviewer(request, deps=harness.invitation_deps()),
        }
        return respond(request, acts[function])


def _event(
    method: str,
    route: str,
    parameters: dict[str, str],
    headers: dict[str, str],
    cookies: list[str],
    body: str,
) -> dict[str, Any]:
    return {
        "version": "2.0",
        "headers": headers,
        "cookies": cookies,
        "pathParameters": parameters,
        "routeKey": f"{method} {route}",
        "requestContext": {"domainName": "x", "http": {"method": method}},
        "body": body,
        "isBase64Encoded": False,
    }
