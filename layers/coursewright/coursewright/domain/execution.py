"""The status of a generation's execution in Step Functions."""

from enum import StrEnum

from coursewright.domain.base import Record


class ExecutionStatus(StrEnum):
    """An execution's status as reported by Step Functions."""

    RUNNING = "RUNNING"
    PENDING_REDRIVE = "PENDING_REDRIVE"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class Execution(Record):
    """An execution; `error` and `message` are empty unless it failed."""

    status: ExecutionStatus
    error: str = ""
    message: str = ""

    @property
    def has_stopped(self) -> bool:
        """Whether an operator must act before the generation can continue."""
        return self.status in (
            ExecutionStatus.FAILED,
            ExecutionStatus.TIMED_OUT,
            ExecutionStatus.ABORTED,
        )
