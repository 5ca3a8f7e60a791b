"""What the sandbox found out about one draft, as it is stored and shown."""

from enum import StrEnum
from typing import Any

from coursewright.domain.base import Record

MAX_REPAIRS = 2


class Verdict(StrEnum):
    """Whether a draft may be put before a reviewer."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    REFUSED = "refused"


class Repair(StrEnum):
    """Which agent should write its part again."""

    TESTS = "tests"
    SOLUTION = "solution"
    NONE = "none"


class Verification(Record):
    """The evidence of one attempt; `evidence` is the output of `check_code` (DESIGN §7)."""

    draft: str
    attempt: int
    verdict: Verdict
    repair: Repair
    tests_attempt: int
    solution_attempt: int
    evidence: dict[str, Any]


class CrossCheck(Record):
    """What came of another model's solution, written from the text and starter alone.

    `agrees` is None where that model did not solve the draft.
    """

    draft: str
    solver: str
    agrees: bool | None
    disagreements: tuple[str, ...] = ()


def repair_at(fault: str, attempt: int) -> Repair:
    """Say who mends: first the side at fault, then the other one, then nobody."""
    if attempt >= MAX_REPAIRS or fault not in (Repair.TESTS, Repair.SOLUTION):
        return Repair.NONE
    first = Repair(fault)
    other = Repair.SOLUTION if first is Repair.TESTS else Repair.TESTS
    return first if attempt == 0 else other
