"""The stories that are broken: what the course platform, the reviewer and the operator do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.reviewer import ReviewRefused
from tests.drill.points import RuntimeExited

if TYPE_CHECKING:
    from tests.drill.on_moto import MotoRun

SECONDS = 300  # many times what a run takes on a machine of its own


class StoryStuck(RuntimeError):
    """A run could not be brought to its end."""


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

    def play(self, run: "MotoRun") -> None:
        """Bring a generation to its end, whatever breaks on the way."""
        _publish(run, run.workflow.event(self.lesson, **self.brief))
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
            time.sleep(0.01)
        run.sweep()


def _publish(run: "MotoRun", event: dict[str, Any]) -> None:
    """EventBridge asks a function that died or whose answer was lost once more."""
    for _ in range(3):
        try:
            run.publish(event)
        except RuntimeExited:
            continue
        return
    raise StoryStuck("the event could not be handled")


def _decide(run: "MotoRun", ruling: Ruling) -> None:
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
