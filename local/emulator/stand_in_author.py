"""Defect in ministack 1.5.33: it comes without an issuer, so nobody can sign in.

Requests to the authoring pages' API carry the claims of a stand-in instead, as if API Gateway had
validated a token. The pages say that this author is not signed in. On AWS nothing adds such claims.
"""

from functools import cache
from typing import Any

from ministack.services import apigateway

from local.emulator.patch_point import patch_point, patch_points

AUTHORIZER = "stand-in"
STAND_IN = {
    "sub": "practice-author",
    "name": "Practice author",
    "email": "practice-author@example.edu",
}


@cache
def apply() -> None:
    """Patch token validation so that the stand-in's authorizer accepts requests without a token."""
    patch_points(apigateway, "_authorizers")
    validate = patch_point(apigateway, "_validate_jwt_authorizer")

    async def stand_in(
        route: dict[str, Any], authorizer: dict[str, Any], *request: Any
    ) -> tuple[dict[str, str] | None, list[str] | None, tuple[Any, ...] | None]:
        if authorizer.get("authorizerId") != AUTHORIZER:
            result: tuple[Any, Any, Any] = await validate(route, authorizer, *request)
            return result
        return STAND_IN, [], None

    apigateway._validate_jwt_authorizer = stand_in


def protect(api: str) -> dict[str, str]:
    """Add the stand-in's authorizer to an API; return the properties of routes that use it."""
    apigateway._authorizers.setdefault(api, {})[AUTHORIZER] = {"authorizerId": AUTHORIZER}
    return {"AuthorizationType": "JWT", "AuthorizerId": AUTHORIZER}
