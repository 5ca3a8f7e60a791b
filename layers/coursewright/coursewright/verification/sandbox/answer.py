"""What the sandbox answers: how a job ended, and its value if it finished."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class Status(StrEnum):
    """How a job ended, which follows from its code alone: the machine has no influence on it."""

    FINISHED = "finished"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    ENDED_EARLY = "ended_early"


class UntrustedRecord(BaseModel):
    """Part of a reply from the sandbox; parsing is strict and rejects anything unexpected."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Reply(UntrustedRecord):
    """A whole reply, which proves by its nonce that it belongs to the job."""

    nonce: str


class Answer[T: Reply](NamedTuple):
    """How a job ended; `value` is set exactly if it finished.

    `fuel` counts the instructions used, and is the limit if the code did not finish; SQL jobs
    use none.
    """

    status: Status
    value: T | None
    fuel: int


class WorkerReply(BaseModel):
    """What a worker sends: how the job ended and the untrusted text that it returned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status
    raw: str = ""
    fuel: int = 0
