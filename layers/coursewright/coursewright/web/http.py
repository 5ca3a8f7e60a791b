"""What a browser sends and what it is answered, without knowing who carries it."""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from coursewright.domain.base import Record, fingerprint
from coursewright.web.multipart import MULTIPART_TYPE, multipart_fields

MAX_FORM_FIELDS = 300
# A function's answer ends at 6 MB. Smaller pages stay plain: a packed length may tell of secrets.
MAX_UNCOMPRESSED_BYTES = 4_000_000
FORM_TYPE = "application/x-www-form-urlencoded"
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


class Request(Record):
    """One request of a browser."""

    method: str
    parameters: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    form: dict[str, tuple[str, ...]]
    own_origin: str
    path: str = ""

    def field(self, name: str) -> str:
        """Return a form field's first value, or an empty text."""
        return next(iter(self.form.get(name, ())), "")

    @property
    def accept_language(self) -> str:
        """The languages that the browser likes."""
        return self.headers.get("accept-language", "")

    @property
    def takes_gzip(self) -> bool:
        """Whether the browser unpacks what is packed."""
        return "gzip" in self.headers.get("accept-encoding", "").lower()

    @property
    def is_same_origin(self) -> bool:
        """Whether a page of ours sent this.

        Under `no-referrer` browsers send `Origin: null` with our own forms as well.
        https://fetch.spec.whatwg.org/#append-a-request-origin-header
        """
        origin = self.headers.get("origin", "null")
        if origin == "null":
            return self.headers.get("sec-fetch-site") == "same-origin"
        return origin == self.own_origin


class Response(Record):
    """One answer to a browser."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...] = ()
    body: str = ""

    def payload(self, request: Request) -> dict[str, Any]:
        """Return the answer in the HTTP API's format 2.0; `HEAD` gets no body."""
        body = "" if request.method == "HEAD" else self.body
        is_packed = request.takes_gzip and len(body.encode()) > MAX_UNCOMPRESSED_BYTES
        packing = {"content-encoding": "gzip"} if is_packed else {}
        return {
            "statusCode": self.status,
            "headers": self.headers | packing,
            "cookies": list(self.cookies),
            "body": _packed(body) if is_packed else body,
            "isBase64Encoded": is_packed,
        }


def parse_request(event: dict[str, Any], *, public_url: str) -> Request:
    """Read an HTTP API event in format 2.0."""
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=context["http"]["method"].upper(),
        parameters=event.get("pathParameters") or {},
        headers=headers,
        cookies=_cookies(event.get("cookies") or headers.get("cookie", "").split(";")),
        form=_form(event, headers),
        own_origin=_origin(public_url or f"https://{context.get('domainName', '')}"),
        path=context["http"].get("path", ""),
    )


def page_response(
    status: int,
    html: str,
    *,
    style_hashes: tuple[str, ...],
    script_hashes: tuple[str, ...] = (),
    looks_again: bool = False,
) -> Response:
    """Answer with a page that may load and run nothing but its own style sheets and scripts."""
    headers = {
        **SECURITY_HEADERS,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _policy(style_hashes, script_hashes, looks_again=looks_again),
    }
    return Response(status=status, headers=headers, body=html)


def json_response(content: dict[str, Any]) -> Response:
    """Answer with what a program reads."""
    headers = {
        **SECURITY_HEADERS,
        "content-type": "application/json",
        "content-security-policy": _policy(()),
    }
    return Response(status=200, headers=headers, body=json.dumps(content, ensure_ascii=False))


def redirect(location: str, *cookies: str) -> Response:
    """Send the browser on with a `GET`."""
    headers = {
        **SECURITY_HEADERS,
        "location": location,
        "content-security-policy": _policy(()),
    }
    return Response(status=303, headers=headers, cookies=cookies)


def cookie_name(review: str, *, own_origin: str) -> str:
    """Name a review's session cookie; the `__Host-` prefix exists on https only."""
    prefix = "__Host-" if own_origin.startswith("https:") else ""
    return f"{prefix}review-{fingerprint(review)[:8]}"


def session_cookie(review: str, session: str, *, own_origin: str, seconds: int) -> str:
    """Return the `Set-Cookie` value of a session; Lax, since the click comes from a mail."""
    name = cookie_name(review, own_origin=own_origin)
    secure = "; Secure" if own_origin.startswith("https:") else ""
    return f"{name}={session}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def sign_in_name(review: str, *, own_origin: str) -> str:
    """Name the cookie of a browser that has shown a review's code."""
    return f"{cookie_name(review, own_origin=own_origin)}-code"


def sign_in_cookie(review: str, signed: str, *, own_origin: str, seconds: int) -> str:
    """Return its `Set-Cookie` value; Strict, since only forms of our own pages need it."""
    name = sign_in_name(review, own_origin=own_origin)
    secure = "; Secure" if own_origin.startswith("https:") else ""
    return f"{name}={signed}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def _packed(body: str) -> str:
    return base64.b64encode(gzip.compress(body.encode(), mtime=0)).decode()


def _policy(
    style_hashes: tuple[str, ...],
    script_hashes: tuple[str, ...] = (),
    *,
    looks_again: bool = False,
) -> str:
    styles = " ".join(f"'{one}'" for one in style_hashes) or "'none'"
    scripts = " ".join(f"'{one}'" for one in script_hashes)
    own_script = f"script-src {scripts}; " if scripts else ""
    own_looks = "connect-src 'self'; " if looks_again else ""
    return (
        f"default-src 'none'; style-src {styles}; {own_script}{own_looks}form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _cookies(pairs: list[str]) -> dict[str, str]:
    split = (pair.strip().partition("=") for pair in pairs)
    return {name: value for name, _, value in split if name}


def _form(event: dict[str, Any], headers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    kind = headers.get("content-type", "")
    try:
        if kind.lower().startswith(MULTIPART_TYPE):
            return multipart_fields(kind, _body(event), most=MAX_FORM_FIELDS)
        if not kind.lower().startswith(FORM_TYPE):
            return {}
        text = _body(event).decode()
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        return {}
    return {name: tuple(values) for name, values in fields.items()}


def _body(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
