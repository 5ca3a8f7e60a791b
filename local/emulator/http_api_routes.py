"""Defect in ministack 1.5.33: an HTTP API defined by an OpenAPI body has no routes.

The SAM transform writes the functions' routes into the API's `Body`, and API Gateway imports them.
The body's authorizer is deliberately omitted: this cloud accepts requests from this machine only
(see `local.browser_guard`), and there is no sign-in; the authoring pages get a stand-in author.
The APIs are recorded by logical id, because each is served at its own address.
"""

from functools import cache
from typing import Any

from ministack.services import apigateway

from local.emulator import stand_in_author
from local.emulator.patch_point import resource_handler

INTEGRATION = "x-amazon-apigateway-integration"
AUTHORING = "AuthoringApi"
ANY_METHOD = "x-amazon-apigateway-any-method"


_ids: dict[str, str] = {}


def find_api(logical_id: str) -> str | None:
    """Return the id of the deployed API that has this logical id, or None."""
    api_id = _ids.get(logical_id)
    return api_id if api_id in apigateway._apis else None


def routes(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the route keys of an OpenAPI document with their integrations."""
    keys = []
    for path, operations in (body.get("paths") or {}).items():
        for method, operation in operations.items():
            integration = (operation or {}).get(INTEGRATION)
            if integration:
                verb = "ANY" if method == ANY_METHOD else method.upper()
                keys.append(("$default" if path == "/$default" else f"{verb} {path}", integration))
    return keys


@cache
def apply() -> None:
    """Create the routes in an HTTP API's OpenAPI body."""
    api = resource_handler("AWS::ApiGatewayV2::Api")
    create_integration = resource_handler("AWS::ApiGatewayV2::Integration")["create"]
    create_route = resource_handler("AWS::ApiGatewayV2::Route")["create"]
    create_api = api["create"]

    def create_with_routes(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        created = create_api(logical_id, props, stack)
        _ids[logical_id] = created[0]
        protection = stand_in_author.protect(created[0]) if logical_id == AUTHORING else {}
        for route_key, integration in routes(props.get("Body") or {}):
            target, _ = create_integration(
                logical_id, {"ApiId": created[0], "IntegrationUri": integration["uri"]}, stack
            )
            route = {
                "ApiId": created[0],
                "RouteKey": route_key,
                "Target": f"integrations/{target}",
                **protection,
            }
            create_route(logical_id, route, stack)
        return created

    api["create"] = create_with_routes
