"""How the workflow's engine says that a generation's run stands."""

from enum import StrEnum

from coursewright.domain.base import Record


class RunStatus(StrEnum):
    """The engine's own words."""

    RUNNING = "RUNNING"
    PENDING_REDRIVE = "PENDING_REDRIVE"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class Run(Record):
    """One execution; error and message are empty unless it failed."""

    status: RunStatus
    error: str = ""
    message: str = ""

    @property
    def has_stopped(self) -> bool:
        """Whether an operator has to act before the generation goes on."""
        return self.status in (RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.ABORTED)
