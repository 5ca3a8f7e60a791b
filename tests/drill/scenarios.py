"""The stories that are broken: what the course platform, the reviewer and the operator do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from local.reviewer import Form, Reviewer, ReviewRefused
from tests.drill.fault_points import RuntimeExited

SECONDS = 300  # many times what a run takes on a machine of its own


class StoryStuck(RuntimeError):
    """A run could not be brought to its end."""


class Visitor(Reviewer):
    """A reviewer who reads the page that the mailed link leads to."""

    def open(self) -> Form:
        """Open the mailed link and read the page."""
        return self.read_page(self.open_link())


class Run(Protocol):
    """One generation on an interpreter, and what people do with it."""

    def start(self, lesson: str, brief: Mapping[str, Any]) -> None:
        """Publish a lesson. Raises: RuntimeExited."""
        ...

    def status(self) -> str:
        """Return the execution's status."""
        ...

    def pause(self) -> None:
        """Wait until it may be worth while to look again."""
        ...

    def redrive(self) -> None:
        """Redrive as an operator does, some time later."""
        ...

    def asks_for_review(self, round_number: int) -> bool:
        """Return whether the run waits for a decision of this round."""
        ...

    def reviewer(self) -> Visitor:
        """Return the reader of the newest mail."""
        ...

    def is_decided(self) -> bool:
        """Return whether no review is pending."""
        ...

    def sweep(self) -> None:
        """Let the schedule pass."""
        ...


@dataclass(frozen=True)
class Ruling:
    """What the reviewer decides in a round."""

    decision: str
    notes: str = ""


@dataclass(frozen=True)
class Story:
    """An event and what people do about it."""

    name: str
    lesson: str = "python_loops"
    brief: Mapping[str, Any] = field(default_factory=dict)
    rulings: tuple[Ruling, ...] = (Ruling("approved"),)

    def play(self, run: Run) -> None:
        """Bring a generation to its end, whatever breaks on the way."""
        self._publish(run)
        decided = 0
        end = time.monotonic() + SECONDS
        while (status := run.status()) != "SUCCEEDED":
            if time.monotonic() > end:
                raise StoryStuck(f"{status} after {SECONDS} s, {decided} decisions")
            if status != "RUNNING":
                run.redrive()
            elif run.asks_for_review(decided + 1):
                _decide(run, self.rulings[decided])
                decided += 1
            run.pause()
        run.sweep()

    def _publish(self, run: Run) -> None:
        """EventBridge asks a function that died or whose answer was lost once more."""
        for _ in range(3):
            try:
                run.start(self.lesson, self.brief)
            except RuntimeExited:
                continue
            return
        raise StoryStuck("the event could not be handled")


def _decide(run: Run, ruling: Ruling) -> None:
    """A reviewer whose page does not answer opens the link again; meanwhile the sweeper comes."""
    for _ in range(3):
        reviewer = run.reviewer()
        try:
            form = reviewer.open()
            approve = form.publishable if ruling.decision == "approved" else ()
            reviewer.decide(form, ruling.decision, approve=approve, notes=ruling.notes)
        except RuntimeExited:
            run.sweep()
        except ReviewRefused:
            if not run.is_decided():
                raise
        if run.is_decided():
            return
    raise StoryStuck("the decision could not be recorded")


MAIN = Story("one task, approved", brief={"tasks_count": 1})
ROUNDS = Story(
    "two rounds",
    brief={"tasks_count": 1},
    rulings=(Ruling("changes_requested", "Use shorter texts."), Ruling("approved")),
)
REPAIR = Story("a repair", brief={"tasks_count": 2, "models": ["openai:practice-sloppy"]})
SQL = Story(
    "an SQL lesson, rejected",
    lesson="sql_joins",
    brief={"tasks_count": 1},
    rulings=(Ruling("rejected"),),
)
STORIES = (MAIN, ROUNDS, REPAIR, SQL)
