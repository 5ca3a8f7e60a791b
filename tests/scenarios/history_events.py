"""Counts the history events of an execution from the state machine definition."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from coursewright.domain.brief import MAX_CROSS_CHECKS, MAX_DRAFTS
from coursewright.domain.review import MAX_ROUNDS

MAX_TASKS, MAX_MODELS, MAX_REMINDERS, MAX_REPAIRS = 20, 20, 3, 2
# Entered and exited; for a task also scheduled, started and succeeded; for a callback submitted.
OF_TYPE = {"Choice": 2, "Pass": 2, "Succeed": 2, "Fail": 1, "Task": 5, "Map": 4, "Parallel": 4}
EVENTS_OF_A_RETRY = 3
START_AND_END = 2
BEFORE = ("Claim generation",)
ROUND = (
    *("Build prompts", "Reserve budget"),
    *("For each model", "For each cross check", "Compare models"),
)
REVIEW = ("Anything to review?", "Open review")
ASKED = ("Request review", "Remind again?")
DECISION = ("Read decision", "Decision?")
AFTER = ("Publish assignments", "Announce publication", "Close generation")
MODEL = ("Prompt fits?", "Write conditions", "For each draft")
CHECK = ("Solve draft", "Cross check draft")
DRAFT = ("Write tests and solution", "Write tests", "Write solution", "Both written?")
VERIFIED = ("Verify draft", "Verified?")


class Counter:
    """Counts events from the types of the definition's states; unknown names are errors."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self._states = dict(_all_states(definition))

    def events(self, names: Iterable[str]) -> int:
        """Count the events of the named states, entering each one once."""
        return sum(self._of(self._states[name]) for name in names)

    def plain_run(self, tasks: int, models: int) -> int:
        """Count the events of an execution without repairs that is approved in the first round."""
        draft = self.events([*DRAFT, *VERIFIED, "Draft finished"]) + 2
        model = self.events(MODEL) + 2 + tasks * draft
        once = [*BEFORE, *ROUND, *REVIEW, ASKED[0], *DECISION, *AFTER]
        return START_AND_END + self.events(once) + models * model

    def longest_run(self, tasks: int, models: int, checks: int) -> int:
        """Count the events of an execution with all rounds, repairs, hints and reminders."""
        repaired = [*MAX_REPAIRS * ("Repair draft", *VERIFIED), "Write hint", "Draft finished"]
        draft = self.events([*DRAFT, *VERIFIED, *repaired]) + 2
        model = self.events(MODEL) + 2 + tasks * draft
        asked = self.events(ASKED) * (MAX_REMINDERS + 1) + self.events(["Expire review"])
        of_round = self.events([*ROUND, *REVIEW, *DECISION]) + asked + models * model
        of_round += checks * (self.events(CHECK) + 2)
        return START_AND_END + self.events([*BEFORE, *AFTER]) + MAX_ROUNDS * of_round

    def _of(self, state: Mapping[str, Any]) -> int:
        is_wait = "waitForTaskToken" in state.get("Resource", "")
        return OF_TYPE[state["Type"]] + is_wait


def allowed_briefs() -> Iterator[tuple[int, int, int]]:
    """Yield the tasks, models and cross-checks of every brief that an event can request."""
    for tasks in range(1, MAX_TASKS + 1):
        for models in range(1, MAX_MODELS + 1):
            if tasks * models > MAX_DRAFTS:
                continue
            checks = tasks * models * (models - 1)
            yield tasks, models, checks if checks <= MAX_CROSS_CHECKS else 0


def _all_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from _all_states(inner)
