"""An HTTP request as seen by controllers, parsed from an API Gateway event (format 2.0)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import Field

from coursewright.domain.base import Record, fingerprint
from coursewright.web.form import RequestUnreadable, parse_form, parse_json
from coursewright.web.routes import API, UPLOADS

MAX_PARAMETER_BYTES = 1_000  # a signed link has about 250, and a table key at most 2,048
MAX_QUERY_BYTES = 8_000  # some issuers send long codes
MAX_HEADERS_CHARS = 32_000  # API Gateway accepts 10,240 bytes
MAX_COOKIES = 100


class Request(Record):
    """A request from a browser; `route` is the path template that matched."""

    method: str
    parameters: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    cookies: dict[str, str] = Field(default_factory=dict)
    form: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    own_origin: str
    route: str = ""
    content: dict[str, Any] = Field(default_factory=dict)  # a JSON object in the body
    claims: dict[str, Any] = Field(default_factory=dict)  # of a token that the API has validated
    refusal: HTTPStatus | None = None  # why the request cannot be read

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
    """Return the request described by an API Gateway event.

    A request that cannot be read has a `refusal`, and no content.
    """
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in _texts(event.get("headers")).items()}
    request = Request(
        method=context["http"]["method"].upper(),
        parameters=_texts(event.get("pathParameters")),
        headers=headers,
        cookies=_cookies(event.get("cookies") or headers.get("cookie", "").split(";")),
        query=_texts(event.get("queryStringParameters")),
        own_origin=_origin(public_url or f"https://{context.get('domainName', '')}"),
        route=event.get("routeKey", "").partition(" ")[2],
        claims=context.get("authorizer", {}).get("jwt", {}).get("claims") or {},
    )
    try:
        _require_short(request)
        content_type = headers.get("content-type", "")
        accepts_files = request.method == "POST" and request.route in UPLOADS
        body = {
            "form": parse_form(event, content_type, accepts_files=accepts_files),
            "content": parse_json(event, content_type),
        }
    except RequestUnreadable as error:
        kept = request.model_dump(include={"method", "own_origin", "route"})
        return Request(**kept, refusal=error.status)
    return request.model_copy(update=body)


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
    split = (_encodable(pair).strip().partition("=") for pair in pairs[:MAX_COOKIES])
    return {name: value for name, _, value in split if name}


def _texts(values: Mapping[str, str] | None) -> dict[str, str]:
    """Return the strings with U+FFFD for lone surrogates, which no later step can encode."""
    return {name: _encodable(value) for name, value in (values or {}).items()}


def _encodable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _require_short(request: Request) -> None:
    """Check the size of everything but the body. Raises: RequestUnreadable."""
    is_long = any(
        len(value.encode()) > limit
        for values, limit in (
            (request.parameters, MAX_PARAMETER_BYTES),
            (request.query, MAX_QUERY_BYTES),
        )
        for value in values.values()
    )
    if is_long:
        raise RequestUnreadable(HTTPStatus.REQUEST_URI_TOO_LONG)
    if sum(map(len, request.headers.values())) > MAX_HEADERS_CHARS:
        raise RequestUnreadable(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
