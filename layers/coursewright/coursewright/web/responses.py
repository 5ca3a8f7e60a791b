"""HTTP responses with their security headers, policies and cookies."""

import base64
import gzip
import json
from http import HTTPStatus
from typing import Any

from coursewright.domain.base import Record
from coursewright.web.http import (
    Request,
    author_cookie_name,
    session_cookie_name,
    sign_in_cookie_name,
)

# Lambda limits responses to 6 MB. Smaller pages are not compressed, because the compressed length
# could reveal secrets (BREACH).
MAX_UNCOMPRESSED_BYTES = 4_000_000
MAX_RESPONSE_BYTES = 5_900_000  # a page that repeats a form's huge text is refused instead
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Response(Record):
    """A response to a browser."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...] = ()
    body: str = ""

    def payload(self, request: Request) -> dict[str, Any]:
        """Return the response in API Gateway's format 2.0, without the body for `HEAD`."""
        body = "" if request.method == "HEAD" else self.body
        is_large = len(body.encode()) > MAX_UNCOMPRESSED_BYTES
        is_compressed = request.accepts_gzip and is_large
        encoding = {"content-encoding": "gzip"} if is_compressed else {}
        content = _compressed(body) if is_compressed else body
        fits = not is_large or len(content.encode()) <= MAX_RESPONSE_BYTES
        return {
            "statusCode": self.status if fits else HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "headers": self.headers | encoding,
            "cookies": list(self.cookies),
            "body": content if fits else "",
            "isBase64Encoded": is_compressed,
        }


def page_response(
    status: int,
    html: str,
    *,
    style_hashes: tuple[str, ...],
    script_hashes: tuple[str, ...] = (),
    refreshes: bool = False,
    refresh_seconds: int = 0,
) -> Response:
    """Return a page that may load and run only its own style sheets and scripts.

    `refreshes` lets a script fetch the page again. `refresh_seconds` reloads it without a script;
    the text of the page must say so.
    """
    headers = {
        **SECURITY_HEADERS,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _policy(style_hashes, script_hashes, refreshes=refreshes),
    }
    if refresh_seconds:
        headers["refresh"] = str(refresh_seconds)
    return Response(status=status, headers=headers, body=html)


def json_response(content: dict[str, Any], status: int = 200) -> Response:
    """Return a JSON document."""
    headers = {
        **SECURITY_HEADERS,
        "content-type": "application/json",
        "content-security-policy": _policy(()),
    }
    body = json.dumps(content, ensure_ascii=False)
    return Response(status=status, headers=headers, body=body)


def redirect(location: str, *cookies: str) -> Response:
    """Return a redirect that the browser follows with `GET`."""
    headers = {
        **SECURITY_HEADERS,
        "location": location,
        "content-security-policy": _policy(()),
    }
    return Response(status=303, headers=headers, cookies=cookies)


def session_cookie(review: str, session: str, *, own_origin: str, seconds: int) -> str:
    """Return a session's `Set-Cookie` value; Lax, because reviewers arrive from an email."""
    name = session_cookie_name(review, own_origin=own_origin)
    secure = "; Secure" if own_origin.startswith("https:") else ""
    return f"{name}={session}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def sign_in_cookie(review: str, signed: str, *, own_origin: str, seconds: int) -> str:
    """Return a sign-in's `Set-Cookie` value; Strict, because only our own forms need it."""
    name = sign_in_cookie_name(review, own_origin=own_origin)
    secure = "; Secure" if own_origin.startswith("https:") else ""
    return f"{name}={signed}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def author_cookie(purpose: str, signed: str, *, own_origin: str, seconds: int) -> str:
    """Return the `Set-Cookie` value of an author's cookie; `Lax` permits the issuer's redirect.

    With 0 seconds, the browser deletes the cookie.
    """
    name = author_cookie_name(purpose, own_origin=own_origin)
    secure = "; Secure" if own_origin.startswith("https:") else ""
    return f"{name}={signed}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _compressed(body: str) -> str:
    return base64.b64encode(gzip.compress(body.encode(), mtime=0)).decode()


def _policy(
    style_hashes: tuple[str, ...],
    script_hashes: tuple[str, ...] = (),
    *,
    refreshes: bool = False,
) -> str:
    styles = " ".join(f"'{style}'" for style in style_hashes) or "'none'"
    scripts = " ".join(f"'{script}'" for script in script_hashes)
    script_source = f"script-src {scripts}; " if scripts else ""
    connect_source = "connect-src 'self'; " if refreshes else ""
    return (
        f"default-src 'none'; style-src {styles}; {script_source}{connect_source}"
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
