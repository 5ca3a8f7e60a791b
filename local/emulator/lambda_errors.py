"""Defect in ministack 1.5.33: every handler exception becomes `Runtime.HandlerError`.

AWS reports the exception's class as `errorType`, which Step Functions uses for Retry and Catch.
"""

from functools import cache
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patch_point import patch_points


def as_result(reply: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Convert a worker's reply to the result that ministack expects of a function."""
    if reply["status"] == "ok":
        return {"body": reply.get("result"), "log": reply.get("log", "")}
    error = {
        "errorMessage": reply["error"],
        "errorType": reply["error_type"],
        "requestId": request_id,
        "stackTrace": reply["stack"],
    }
    trace = f"[ERROR] {reply['error_type']}: {reply['error']}\n{''.join(reply['stack'])}"
    log = "\n".join(filter(None, [reply.get("log", ""), trace]))
    return {"body": error, "error": True, "function_error": "Unhandled", "log": log}


def execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Run a function in one of its workers."""
    config = func.get("config") or func
    if not func.get("code_zip"):
        reply = {"status": "error", "error": "no code", "error_type": "Runtime.NoCode", "stack": []}
        return as_result(reply, request_id)
    worker, _ = lambda_svc.acquire_worker(
        config["FunctionName"],
        config,
        func["code_zip"],
        qualifier=config.get("Version", "$LATEST"),
    )
    try:
        reply = worker.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config["FunctionArn"],
        )
    finally:
        lambda_svc.release_worker(worker)
    return as_result(reply, request_id)


@cache
def apply() -> None:
    """Report the class of a handler's exception."""
    patch_points(lambda_svc, "_execute_function_warm", "_xray_trace_id_for_invocation")
    lambda_svc._execute_function_warm = execute_function_warm
