"""Verifies AWS Signature Version 4, in a header or in the query of a presigned URL.

Ministack computes signatures but accepts requests that have none. Here, as on AWS, a signature must
be made with a current key, cover `Host` and every `X-Amz-` header, be neither expired nor dated
ahead, and match the body; only S3 accepts signatures that leave the body out. `gateway` requires
one for every request; this module patches nothing, so it has no `apply`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ministack.core import sigv4

from local.emulator.access_keys import find_secret

ALGORITHM = "AWS4-HMAC-SHA256"
WITHOUT_BODY = (
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",  # ministack verifies each chunk
)
MAX_SKEW = timedelta(minutes=15)
MAX_EXPIRY_SECONDS = 7 * 24 * 3600


class RequestUnsigned(Exception):
    """A request has no valid signature; the message contains the reason."""


@dataclass(frozen=True)
class Request:
    """A request as it arrived: percent-encoded path, decoded query, lower-case header names."""

    method: str
    raw_path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]

    @property
    def has_signed_header(self) -> bool:
        """Whether the request has an `Authorization` header."""
        return "authorization" in self.headers

    @property
    def is_presigned(self) -> bool:
        """Whether the signature is in the query."""
        return "X-Amz-Signature" in self.query and not self.has_signed_header

    def value(self, name: str) -> str:
        """Return a parameter of the signature from the query or the header of the same name."""
        in_query = self.query.get(name, [""])[0]
        return in_query if self.is_presigned else self.headers.get(name.lower(), "")


def require_signature(request: Request, body: bytes) -> None:
    """Raise RequestUnsigned unless the request is signed with a current key of this cloud."""
    signature = _parse(request)
    _require_current(request, signature.amz_date)
    _require_complete(request, signature)
    _require_body(request, signature, body)
    secret = find_secret(signature.access_key_id, request.value("X-Amz-Security-Token"))
    if secret is None:
        raise RequestUnsigned(
            "The access key is not one of this cloud (see .laptop/state.json), or it has ended."
        )
    failure = sigv4.header_signature_failure(
        signature,
        secret,
        request.method,
        request.raw_path,
        request.query,
        request.headers,
        body,
        presigned=request.is_presigned,
    )
    if failure:
        raise RequestUnsigned("The signature does not match the request.")


def _parse(request: Request) -> Any:
    if request.has_signed_header and "X-Amz-Signature" in request.query:
        raise RequestUnsigned("The request is signed twice, in a header and in the query.")
    if request.is_presigned:
        algorithm = request.value("X-Amz-Algorithm")
        signature = sigv4.parse_query_signature(request.query)
    elif request.has_signed_header:
        algorithm = request.headers["authorization"].partition(" ")[0]
        signature = sigv4.parse_header_signature(request.headers)
    else:
        raise RequestUnsigned("The request is not signed.")
    if isinstance(signature, tuple):
        raise RequestUnsigned(signature[1])
    if algorithm != ALGORITHM:
        raise RequestUnsigned(f"The signature's algorithm must be {ALGORITHM}.")
    return signature


def _require_current(request: Request, amz_date: str) -> None:
    validity = _expiry(request) if request.is_presigned else MAX_SKEW
    try:
        signed_at = datetime.strptime(amz_date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise RequestUnsigned("The signature's date must look like 20260131T235959Z.") from error
    now = datetime.now(UTC)
    if not now - validity <= signed_at <= now + MAX_SKEW:
        raise RequestUnsigned(f"The signature of {amz_date} is not valid at {now}.")


def _expiry(request: Request) -> timedelta:
    text = request.value("X-Amz-Expires")
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_EXPIRY_SECONDS))
    if not is_number or int(text) > MAX_EXPIRY_SECONDS:
        raise RequestUnsigned(f"X-Amz-Expires must be a number up to {MAX_EXPIRY_SECONDS}.")
    return timedelta(seconds=int(text))


def _require_complete(request: Request, signature: Any) -> None:
    sent = {name for name in request.headers if name.startswith("x-amz-")}
    missing = ({"host"} | sent) - set(signature.signed_headers.split(";"))
    if missing:
        raise RequestUnsigned(f"The signature does not cover {', '.join(sorted(missing))}.")


def _require_body(request: Request, signature: Any, body: bytes) -> None:
    declared = request.headers.get("x-amz-content-sha256")
    is_s3 = signature.service == "s3"
    if declared is None or (is_s3 and (request.is_presigned or declared in WITHOUT_BODY)):
        return  # without the header, the signature itself covers the body
    if declared != hashlib.sha256(body).hexdigest():
        raise RequestUnsigned("The body does not match X-Amz-Content-Sha256.")
