"""Runs schemathesis against the review site, served from memory on 127.0.0.1.

`python -m tests.unit.review.serve SCHEMATHESIS` runs that program and exits with its exit code.
Each request is sent to a new open review by its reviewer, with the page's hidden fields but without
the code. A request that nevertheless decides anything gets status 500, which schemathesis reports.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from coursewright.domain.review import Decision
from coursewright.web.responses import Response
from tests.unit.review.builders import SITE, ReviewHarness
from tests.unit.review.site import Site
from tests.unit.review.test_openapi import PAGES, routes

StartResponse = Callable[[str, list[tuple[str, str]]], object]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


class Quiet(WSGIRequestHandler):
    """A request handler that prints nothing, because schemathesis reports its requests."""

    def log_message(self, format: str, *args: object) -> None:
        """Discard the message."""


def main(program: str) -> int:
    """Serve the site, run schemathesis against it, and return its exit code."""
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        description, url = str(PAGES / "openapi.yaml"), f"http://127.0.0.1:{server.server_port}"
        options = ["--url", url, "-c", ",".join(CHECKS), "-n", "30"]
        phases = ["--phases", "examples,coverage,fuzzing"]
        done = subprocess.run([program, "run", description, *options, *phases], check=False)
        server.shutdown()
    return done.returncode


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request from a reviewer."""
    answer = _answer(environ)
    lines = [*answer.headers.items(), *(("set-cookie", cookie) for cookie in answer.cookies)]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", lines)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body.encode()]


def _answer(environ: dict[str, Any]) -> Response:
    harness = ReviewHarness().open()
    harness.request()
    cookie = harness.enter()
    hidden = {
        "csrf": harness.links.csrf(cookie.partition("=")[2]),
        "shown_sha256": harness.review.shown_sha256,
    }
    length = int(environ.get("CONTENT_LENGTH") or 0)
    sent = environ["wsgi.input"].read(length).decode("utf-8", "replace")
    answer = Site(harness, routes()).answer(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        headers={"origin": SITE, "content-type": environ.get("CONTENT_TYPE", "")},
        cookies=[cookie],
        body=f"{urlencode(hidden)}&{sent}",
    )
    if harness.review.decision is not Decision.PENDING or harness.reviews.edits(harness.review):
        return Response(status=500, headers={}, body="decided without a code")
    return answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
