"""Runs schemathesis against the review site, served from memory on 127.0.0.1.

`python -m tests.unit.review.serve SCHEMATHESIS` runs that program and exits with its exit code.
Each request is sent to a new open review by its reviewer, with the page's hidden fields. By their
checksums, one third of the requests stay as they are; one third name this review and carry the code
from the email; and one third also carry valid fields of each form. A request without the code that
nevertheless decides anything gets status 500, which schemathesis reports.
"""

import re
import subprocess
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from coursewright.domain.review import Decision
from coursewright.web.responses import Response
from tests.unit.review.builders import GENERATION, SITE, ReviewHarness
from tests.unit.review.site import Site
from tests.unit.review.test_openapi import FORM_TYPE, PAGES, routes

StartResponse = Callable[[str, list[tuple[str, str]]], object]
MAX_EXAMPLES = 120  # per operation, which results in about 2,000 requests
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
STATUSES: Counter[int] = Counter()


class Quiet(WSGIRequestHandler):
    """A request handler that prints nothing, because schemathesis reports its requests."""

    def log_message(self, format: str, *args: object) -> None:
        """Discard the message."""


def main(program: str) -> int:
    """Serve the site, run schemathesis against it, and return its exit code."""
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        description, url = str(PAGES / "openapi.yaml"), f"http://127.0.0.1:{server.server_port}"
        options = ["--url", url, "-c", ",".join(CHECKS), "-n", str(MAX_EXAMPLES)]
        phases = ["--phases", "examples,coverage,fuzzing"]
        done = subprocess.run([program, "run", description, *options, *phases], check=False)
        server.shutdown()
    sys.stdout.write(f"Responses by status: {dict(sorted(STATUSES.items()))}\n")
    return done.returncode


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request from a reviewer."""
    answer = _answer(environ)
    STATUSES[answer.status] += 1
    lines = [*answer.headers.items(), *(("set-cookie", cookie) for cookie in answer.cookies)]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", lines)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body.encode()]


def _answer(environ: dict[str, Any]) -> Response:
    harness = ReviewHarness().open()
    harness.request()
    cookie = harness.enter()
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    third = zlib.crc32(path.encode() + sent) % 3
    fields = _fields(harness, cookie, third)
    answer = Site(harness, routes()).answer(
        environ["REQUEST_METHOD"],
        _own_path(path, harness) if third else path,
        headers={
            "origin": SITE,
            "content-type": FORM_TYPE if third else environ.get("CONTENT_TYPE", ""),
        },
        cookies=[cookie],
        body=f"{urlencode(fields, doseq=True)}&{sent.decode('utf-8', 'replace')}",
    )
    is_decided = harness.review.decision is not Decision.PENDING
    if not third and (is_decided or harness.reviews.edits(harness.review)):
        return Response(status=500, headers={}, body="decided without a code")
    return answer


def _fields(harness: ReviewHarness, cookie: str, third: int) -> dict[str, object]:
    """Return the fields that precede the generated ones, of which the first counts."""
    form = harness.form(cookie)
    if third < 2:
        hidden = ("csrf", "shown_sha256", "code")[: 2 + third]
        return {name: form[name] for name in hidden}
    return form | {"seen": "0", "act": "save", "name": "Sum", "address": "lin@example.edu"}


def _own_path(path: str, harness: ReviewHarness) -> str:
    """Return the path with the identifiers of this review."""
    own = re.sub(r"^/reviews/[^/]+/[^/]+", f"/reviews/{GENERATION}/1", path)
    own = re.sub(r"/drafts/[^/]+$", "/drafts/1", own)
    return re.sub(r"^/r/[^/]+$", f"/r/{harness.signed()}", own)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
