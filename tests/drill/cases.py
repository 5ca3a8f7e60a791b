"""The drill's cases (which fault point fails in which mode) and their results."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.drill.fault_points import Fault, Mode, Point
from tests.drill.scenarios import Scenario

# A crash between a service's acceptance of a request and our record of it leaves the outcome
# unknown: neither model providers nor SES can be asked whether they accepted a request.
RECORDED_BY = {"model call": "dynamodb:TransactWriteItems", "sesv2:SendEmail": "dynamodb:PutItem"}


@dataclass(frozen=True)
class Case:
    """A scenario and its faults."""

    scenario: Scenario
    faults: tuple[Fault, ...]
    doubt: str = ""

    def __str__(self) -> str:
        return " and ".join(map(str, self.faults))


@dataclass(frozen=True)
class Result:
    """The outcome of a case."""

    case: Case
    struck: int
    redrives: int
    differences: tuple[str, ...]
    paid_again: int
    seconds: float
    cloud: str = "moto"

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost or duplicated, except where the outcome is unknowable."""
        if not self.struck:  # the first fault may have prevented the second one's call
            return False
        if self.case.doubt == "sesv2:SendEmail":
            others = [text for text in self.differences if not text.startswith("mails: unexpected")]
            return not others and len(self.differences) <= 1 and not self.paid_again
        allowed = 1 if self.case.doubt else 0
        return not self.differences and self.paid_again <= allowed


def every_case(scenario: Scenario, points: Sequence[Point]) -> list[Case]:
    """Return one case for each combination of fault point and failure mode."""
    return [
        Case(scenario, (Fault(point, mode),), doubt(point, mode, points))
        for point in sorted(set(points))
        for mode in Mode
    ]


def doubt(point: Point, mode: Mode, points: Iterable[Point]) -> str:
    """Return the service whose outcome is unknowable after this fault, or an empty string."""
    of_task = [other for other in points if _task(other) == _task(point)]
    own = sorted(other for other in of_task if other.occurrence == point.occurrence)
    for service, record in RECORDED_BY.items():
        for request in (other for other in own if other.call == service):
            later = (o.number for o in own if o.call == record and o.number > request.number)
            recorded = min(later)
            if point == request and mode is not Mode.BEFORE:
                return service
            is_between = request.number < point.number < recorded and mode is not Mode.LOST
            if is_between or (point.number == recorded and mode is Mode.BEFORE):
                return service
    return ""


def doubt_seen(struck: Iterable[Fault], seen: Iterable[Point]) -> str:
    """Return the same service, derived from the calls that a run actually made."""
    seen = list(seen)
    for fault in struck:
        at, own = fault.point, [point for point in seen if point.place == fault.point.place]
        is_made = fault.mode is not Mode.BEFORE
        for service, record in RECORDED_BY.items():
            made = [point for point in own if point < at or (point == at and is_made)]
            request = max((point.number for point in made if point.call == service), default=0)
            is_recorded = any(p.call == record and p.number > request for p in made)
            survives = fault.mode is Mode.LOST and request != at.number
            if request and not is_recorded and not survives:
                return service
    return ""


def sample(cases: Sequence[Case], size: int, seed: int) -> list[Case]:
    """Choose a random sample of cases, reproducible by seed."""
    return random.Random(seed).sample(list(cases), min(size, len(cases)))


def _task(point: Point) -> tuple[str, str]:
    return point.function, point.task
