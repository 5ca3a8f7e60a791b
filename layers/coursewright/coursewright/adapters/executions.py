"""Executions of the state machine in Step Functions."""

import json
from typing import TYPE_CHECKING

from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.domain.generation import GenerationRequest

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient


class StepFunctionsExecutions:
    """Executions as described by Step Functions.

    Their histories are never read, because they contain task tokens.
    """

    def __init__(self, client: "SFNClient", state_machine_arn: str = "") -> None:
        self._client = client
        self._arn = state_machine_arn

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start an execution; return False if one with that name exists."""
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=request.model_dump_json()
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        return True

    def get(self, execution: str) -> Execution | None:
        """Return an execution, or None if Step Functions no longer has a record of it."""
        try:
            description = self._client.describe_execution(executionArn=execution)
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        return Execution(
            status=ExecutionStatus(description["status"]),
            error=description.get("error", ""),
            message=_error_message(description.get("cause", "")),
        )


def _error_message(cause: str) -> str:
    """Return the message from a function's error, which arrives as JSON with a stack trace."""
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause
