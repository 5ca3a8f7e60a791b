"""The review's site in this process: the routes of the template, on stores in memory."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from coursewright.pages.render import respond
from coursewright.steps.decide_review import decide_review
from coursewright.steps.edit_draft import edit_draft
from coursewright.steps.invite_reviewer import invite_reviewer
from coursewright.web.http import Response, parse_request
from coursewright.web.show_review import show_review
from tests.unit.review.builders import SITE, ReviewHarness


class Site:
    """Answers requests as the HTTP API and its functions do."""

    def __init__(self, harness: ReviewHarness, routes: Mapping[str, set[tuple[str, str]]]) -> None:
        self.harness = harness
        self._routes = [
            (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), function)
            for function, own in routes.items()
            for method, path in own
        ]

    def answer(
        self, method: str, path: str, *, headers: dict[str, str], cookies: list[str], body: str = ""
    ) -> Response:
        """Answer one request; a path without a route is the HTTP API's own affair."""
        for known, pattern, function in self._routes:
            if known == method and (found := pattern.fullmatch(path)):
                parameters = {name: unquote(value) for name, value in found.groupdict().items()}
                return self._run(function, _event(method, path, parameters, headers, cookies, body))
        return Response(status=404, headers={"content-type": "application/json"}, body="{}")

    def _run(self, function: str, event: dict[str, Any]) -> Response:
        request, harness = parse_request(event, public_url=SITE), self.harness
        acts = {
            "show_review": lambda: show_review(request, deps=harness.decision_deps()),
            "decide_review": lambda: decide_review(request, deps=harness.decision_deps()),
            "edit_draft": lambda: edit_draft(request, deps=harness.edit_deps()),
            "invite_reviewer": lambda: invite_reviewer(request, deps=harness.invitation_deps()),
        }
        return respond(request, acts[function])


def _event(
    method: str,
    path: str,
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
        "requestContext": {"domainName": "x", "http": {"method": method, "path": path}},
        "body": body,
        "isBase64Encoded": False,
    }
