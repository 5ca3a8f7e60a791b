"""Defect in ministack 1.5.33: clients see a failing function's error, with status 502.

On AWS an HTTP API responds only with 500 and `{"message":"Internal Server Error"}`.
"""

from functools import cache
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patch_point import patch_point

INTERNAL_SERVER_ERROR = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}


@cache
def apply() -> None:
    """Hide functions' errors from clients."""
    name = "lambda_execute_result_to_api_proxy_response"
    to_response = patch_point(lambda_svc, name)

    def to_response_without_error(result: dict[str, Any]) -> Any:
        failed = result.get("error") and not result.get("throttle")
        return (dict(INTERNAL_SERVER_ERROR), None) if failed else to_response(result)

    setattr(lambda_svc, name, to_response_without_error)
