"""An HTTP request as seen by controllers, parsed from an API Gateway event (format 2.0)."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import Field

from coursewright.domain.base import Record, fingerprint
from coursewright.web.multipart import MULTIPART_TYPE, multipart_fields
from coursewright.web.routes import API

MAX_FORM_FIELDS = 300
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


class Request(Record):
    """A request from a browser; `route` is the path template that matched."""

    method: str
    parameters: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    form: dict[str, tuple[str, ...]]
    query: dict[str, str] = Field(default_factory=dict)
    own_origin: str
    route: str = ""
    content: dict[str, Any] = Field(default_factory=dict)  # a JSON object in the body
    claims: dict[str, Any] = Field(default_factory=dict)  # of a token that the API has validated

    @property
    def is_api(self) -> bool:
        """Whether a program sent the request to a JSON route, which requires a token."""
        return self.route.startswith(API)

    @property
    def path(self) -> str:
        """The path of this request, encoded anew so that it names nothing outside the route."""
        return self.route.format_map(
            {name: quote(value, safe="") for name, value in self.parameters.items()}
        )

    def field(self, name: str) -> str:
        """Return the first value of a form field, or an empty string."""
        return next(iter(self.form.get(name, ())), "")

    @property
    def accept_language(self) -> str:
        """The browser's preferred languages."""
        return self.headers.get("accept-language", "")

    @property
    def accepts_gzip(self) -> bool:
        """Whether the browser accepts gzip."""
        return "gzip" in self.headers.get("accept-encoding", "").lower()

    @property
    def is_same_origin(self) -> bool:
        """Whether one of our own pages sent the request.

        Under `no-referrer`, browsers send `Origin: null` even with our own forms.
        https://fetch.spec.whatwg.org/#append-a-request-origin-header
        """
        origin = self.headers.get("origin", "null")
        if origin == "null":
            return self.headers.get("sec-fetch-site") == "same-origin"
        return origin == self.own_origin


def parse_request(event: dict[str, Any], *, public_url: str) -> Request:
    """Return the request described by an API Gateway event."""
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=context["http"]["method"].upper(),
        parameters=event.get("pathParameters") or {},
        headers=headers,
        cookies=_cookies(event.get("cookies") or headers.get("cookie", "").split(";")),
        form=_form(event, headers),
        query=event.get("queryStringParameters") or {},
        own_origin=_origin(public_url or f"https://{context.get('domainName', '')}"),
        route=event.get("routeKey", "").partition(" ")[2],
        content=_content(event, headers),
        claims=context.get("authorizer", {}).get("jwt", {}).get("claims") or {},
    )


def session_cookie_name(review: str, *, own_origin: str) -> str:
    """Return the name of a review's session cookie; the `__Host-` prefix requires https."""
    prefix = "__Host-" if own_origin.startswith("https:") else ""
    return f"{prefix}review-{fingerprint(review)[:8]}"


def sign_in_cookie_name(review: str, *, own_origin: str) -> str:
    """Return the name of the cookie that proves that the code was entered."""
    return f"{session_cookie_name(review, own_origin=own_origin)}-code"


def author_cookie_name(purpose: str, *, own_origin: str) -> str:
    """Return the name of an author's cookie; the `__Host-` prefix requires https."""
    prefix = "__Host-" if own_origin.startswith("https:") else ""
    return f"{prefix}author-{purpose}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _cookies(pairs: list[str]) -> dict[str, str]:
    split = (pair.strip().partition("=") for pair in pairs)
    return {name: value for name, _, value in split if name}


def _form(event: dict[str, Any], headers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    content_type = headers.get("content-type", "")
    try:
        if content_type.lower().startswith(MULTIPART_TYPE):
            return multipart_fields(content_type, _body(event), max_fields=MAX_FORM_FIELDS)
        if not content_type.lower().startswith(FORM_TYPE):
            return {}
        text = _body(event).decode()
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        return {}
    return {name: tuple(values) for name, values in fields.items()}


def _content(event: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        return {}
    try:
        content = json.loads(_body(event))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _body(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
