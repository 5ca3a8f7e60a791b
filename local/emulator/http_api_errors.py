"""Defect of ministack 1.5.33: a failing function's error reaches the visitor, as status 502.

An HTTP API of AWS answers 500 with `{"message":"Internal Server Error"}` and keeps the rest.
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
    """Hide a function's error from the visitor."""
    name = "lambda_execute_result_to_api_proxy_response"
    to_response = patch_point(lambda_svc, name)

    def to_discreet_response(result: dict[str, Any]) -> Any:
        failed = result.get("error") and not result.get("throttle")
        return (dict(INTERNAL_SERVER_ERROR), None) if failed else to_response(result)

    setattr(lambda_svc, name, to_discreet_response)
