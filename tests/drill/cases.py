"""Which points are broken in which way, and what came of each."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.drill.fault_points import Fault, Mode, Point
from tests.drill.scenarios import Story

# Between an outside service's acceptance and our note of it lies a moment that no client can
# close: neither model providers nor the mail service let us ask whether they took a request.
NOTED_BY = {"model call": "dynamodb:TransactWriteItems", "sesv2:SendEmail": "dynamodb:PutItem"}


@dataclass(frozen=True)
class Case:
    """A story and its faults."""

    story: Story
    faults: tuple[Fault, ...]
    doubt: str = ""

    def __str__(self) -> str:
        return " and ".join(map(str, self.faults))


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    case: Case
    struck: int
    redrives: int
    differences: tuple[str, ...]
    paid_again: int
    seconds: float
    cloud: str = "moto"

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost and nothing came twice, but for what cannot be known."""
        if not self.struck:  # a second fault may wait for what the first one made needless
            return False
        if self.case.doubt == "sesv2:SendEmail":
            again = [one for one in self.differences if not one.startswith("mails: besides")]
            return not again and len(self.differences) <= 1 and not self.paid_again
        most = 1 if self.case.doubt else 0
        return not self.differences and self.paid_again <= most


def every_case(story: Story, points: Sequence[Point]) -> list[Case]:
    """Break each point in each way, one at a time."""
    return [
        Case(story, (Fault(point, mode),), doubt(point, mode, points))
        for point in sorted(set(points))
        for mode in Mode
    ]


def doubt(point: Point, mode: Mode, points: Iterable[Point]) -> str:
    """Name the service of which nobody can know whether it did its work, if there is one."""
    of_task = [one for one in points if _task(one) == _task(point)]
    own = sorted(one for one in of_task if one.occurrence == point.occurrence)
    for service, note in NOTED_BY.items():
        for asked in (one for one in own if one.call == service):
            later = (one for one in own if one.call == note and one.number > asked.number)
            noted = min(one.number for one in later)
            if point == asked and mode is not Mode.BEFORE:
                return service
            is_between = asked.number < point.number < noted and mode is not Mode.LOST
            if is_between or (point.number == noted and mode is Mode.BEFORE):
                return service
    return ""


def doubt_seen(struck: Iterable[Fault], seen: Iterable[Point]) -> str:
    """Name that service from what a run really asked, where its course was not known before."""
    seen = list(seen)
    for fault in struck:
        at, own = fault.point, [one for one in seen if one.place == fault.point.place]
        for service, note in NOTED_BY.items():
            made = [one for one in own if one < at or (one == at and fault.mode is not Mode.BEFORE)]
            asked = max((one.number for one in made if one.call == service), default=0)
            is_noted = any(one.call == note and one.number > asked for one in made)
            lives_on = fault.mode is Mode.LOST and asked != at.number
            if asked and not is_noted and not lives_on:
                return service
    return ""


def sample(cases: Sequence[Case], size: int, seed: int) -> list[Case]:
    """Choose some cases, the same for the same seed."""
    return random.Random(seed).sample(list(cases), min(size, len(cases)))


def _task(point: Point) -> tuple[str, str]:
    return point.function, point.task
