"""Tests the HTTP responses that functions return to browsers."""

import base64
import gzip

import pytest

from coursewright.web.http import Request
from coursewright.web.responses import MAX_UNCOMPRESSED_BYTES, Response

LARGE = "loop " * (MAX_UNCOMPRESSED_BYTES // 4)


def asked(method: str = "GET", **headers: str) -> Request:
    return Request(
        method=method,
        parameters={},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        cookies={},
        form={},
        own_origin="https://review.example.edu",
    )


def answered(body: str) -> Response:
    return Response(status=200, headers={"content-type": "text/html"}, body=body)


def test_a_page_near_the_response_limit_is_compressed() -> None:
    payload = answered(LARGE).payload(asked(accept_encoding="GZIP, br"))

    assert payload["headers"]["content-encoding"] == "gzip"
    assert len(payload["body"]) < 100_000
    assert gzip.decompress(base64.b64decode(payload["body"])).decode() == LARGE


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        ("small", asked(accept_encoding="gzip")),
        (LARGE, asked(accept_encoding="br")),
        (LARGE, asked()),
    ],
    ids=["small", "other packing", "none"],
)
def test_small_or_unsupported_responses_are_not_compressed(body: str, request_: Request) -> None:
    payload = answered(body).payload(request_)

    assert payload["body"] == body
    assert "content-encoding" not in payload["headers"]


def test_head_gets_no_body() -> None:
    payload = answered(LARGE).payload(asked("HEAD", accept_encoding="gzip"))

    assert (payload["body"], payload["isBase64Encoded"]) == ("", False)
