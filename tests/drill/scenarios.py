"""The drill's scenarios: the actions of the course platform, the reviewer and the operator."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from local.reviewer import Form, Reviewer, ReviewRefused
from tests.drill.fault_points import RuntimeExited

SECONDS = 300  # many times longer than a run takes on an idle machine


class ScenarioStuck(RuntimeError):
    """A generation could not be completed."""


class PageReviewer(Reviewer):
    """A reviewer who reads the page behind the emailed link."""

    def open(self) -> Form:
        """Open the emailed link and read the page."""
        return self.read_page(self.open_link())


class DrillRun(Protocol):
    """One generation on an interpreter, and the actions of the people involved."""

    def start(self, lesson: str, brief: Mapping[str, Any]) -> None:
        """Publish a lesson. Raises: RuntimeExited."""
        ...

    def status(self) -> str:
        """Return the status of the execution."""
        ...

    def pause(self) -> None:
        """Wait before the next poll."""
        ...

    def redrive(self) -> None:
        """Redrive the execution some time later, like an operator."""
        ...

    def asks_for_review(self, round_number: int) -> bool:
        """Whether the execution is waiting for a decision in this round."""
        ...

    def reviewer(self) -> PageReviewer:
        """Return the recipient of the newest email."""
        ...

    def is_decided(self) -> bool:
        """Whether no review is pending."""
        ...

    def sweep(self) -> None:
        """Run the scheduled sweep."""
        ...


@dataclass(frozen=True)
class RoundDecision:
    """The reviewer's decision in one round."""

    decision: str
    notes: str = ""


@dataclass(frozen=True)
class Scenario:
    """A published lesson and the decisions that follow."""

    name: str
    lesson: str = "python_loops"
    brief: Mapping[str, Any] = field(default_factory=dict)
    decisions: tuple[RoundDecision, ...] = (RoundDecision("approved"),)

    def complete(self, run: DrillRun) -> None:
        """Drive a generation to completion despite any failures."""
        self._publish(run)
        decided = 0
        end = time.monotonic() + SECONDS
        while (status := run.status()) != "SUCCEEDED":
            if time.monotonic() > end:
                raise ScenarioStuck(f"{status} after {SECONDS} s, {decided} decisions")
            if status != "RUNNING":
                run.redrive()
            elif run.asks_for_review(decided + 1):
                _decide(run, self.decisions[decided])
                decided += 1
            run.pause()
        run.sweep()

    def _publish(self, run: DrillRun) -> None:
        """Publish the lesson; EventBridge retries if the function dies or its answer is lost."""
        for _ in range(3):
            try:
                run.start(self.lesson, self.brief)
            except RuntimeExited:
                continue
            return
        raise ScenarioStuck("the event was not handled in three attempts")


def _decide(run: DrillRun, decision: RoundDecision) -> None:
    """Submit the decision; if a page fails, sweep and open the link again."""
    for _ in range(3):
        reviewer = run.reviewer()
        try:
            form = reviewer.open()
            approve = form.publishable if decision.decision == "approved" else ()
            reviewer.decide(form, decision.decision, approve=approve, notes=decision.notes)
        except RuntimeExited:
            run.sweep()
        except ReviewRefused:
            if not run.is_decided():
                raise
        if run.is_decided():
            return
    raise ScenarioStuck("the decision was not recorded in three attempts")


MAIN = Scenario("one task, approved", brief={"tasks_count": 1})
ROUNDS = Scenario(
    "two rounds",
    brief={"tasks_count": 1},
    decisions=(RoundDecision("changes_requested", "Use shorter texts."), RoundDecision("approved")),
)
REPAIR = Scenario("a repair", brief={"tasks_count": 2, "models": ["openai:practice-sloppy"]})
SQL = Scenario(
    "an SQL lesson, rejected",
    lesson="sql_joins",
    brief={"tasks_count": 1},
    decisions=(RoundDecision("rejected"),),
)
SCENARIOS = (MAIN, ROUNDS, REPAIR, SQL)
