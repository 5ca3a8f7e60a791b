"""Signs course authors in at the issuer, and out again."""

from secrets import token_urlsafe
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.sign_in_author import SignInDeps
from coursewright.web.http import parse_request
from coursewright.web.sign_in_author import sign_in_author

RANDOM_BYTES = 32  # 43 characters as text, the minimum for PKCE


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `GET` that signs in or brings the issuer's answer, or a `POST` that signs out."""
    deps = SignInDeps(
        cookies=wiring.author_cookies(),
        clock=wiring.clock(),
        issuer=wiring.issuer(),
        random=lambda: token_urlsafe(RANDOM_BYTES),
    )
    request = parse_request(event, public_url=settings().authoring_url)
    return sign_in_author(request, deps=deps).payload(request)
