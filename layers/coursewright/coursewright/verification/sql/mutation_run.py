"""Runs mutants of a query on the datasets and on generated rows; runs in the worker.

A mutant that no dataset distinguishes from the query may be equivalent. It counts as a survivor
only if generated rows show a difference.
"""

import json
from collections.abc import Sequence
from typing import Any

from coursewright.verification.sql.engine import QUERY_ERRORS
from coursewright.verification.sql.generated_rows import (
    SolvedDatabase,
    dataset_databases,
    generate_databases,
)
from coursewright.verification.sql.mutants import make_mutants

MAX_MUTANTS = 24
# Enough for all mutants of an ordinary query; a heavier one is not measured to the end.
MAX_TOTAL_STEPS = 50_000_000


class MutationRun:
    """The databases on which mutants run, and the steps that they have used."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._is_ordered = bool(job["is_ordered"])
        self.datasets = dataset_databases(job)
        self.generated, self.is_complete = generate_databases(
            job, self.datasets, is_ordered=self._is_ordered
        )
        self._steps = 0

    @property
    def is_used_up(self) -> bool:
        """Whether too many steps have been used to run further mutants."""
        return self._steps > MAX_TOTAL_STEPS

    def differs(self, query: str, databases: Sequence[SolvedDatabase]) -> bool:
        """Whether a query's result is different on some of the databases."""
        for solved in databases:
            is_different = solved.gives_different_result(query, is_ordered=self._is_ordered)
            self._steps += solved.database.steps
            if is_different:
                return True
        return False

    def is_valid(self, query: str) -> bool:
        """Whether SQLite accepts a query."""
        try:
            self.datasets[0].database.compile(query)
        except QUERY_ERRORS:
            return False
        return True


def _classify_mutants(job: dict[str, Any]) -> dict[str, Any]:
    """Sort the mutants into killed, surviving and equivalent ones."""
    classes: dict[str, Any] = {"killed": [], "survivors": [], "equivalent": []}
    classes |= {"is_understood": False, "is_finished": True}
    mutants = make_mutants(job["query"])
    if not mutants:
        return classes
    try:
        run = MutationRun(job)
    except QUERY_ERRORS:
        return classes | {"is_finished": False}
    if run.differs(mutants[0]["source"], [*run.datasets, *run.generated]):
        return classes
    classes |= {"is_understood": True, "is_finished": run.is_complete}
    for mutant in mutants[1:]:
        if len(classes["killed"]) + len(classes["survivors"]) >= MAX_MUTANTS:
            break
        if run.is_used_up:
            classes["is_finished"] = False
            break
        if run.is_valid(mutant["source"]):
            classes[_class(run, mutant["source"])].append(mutant["change"])
    return classes


def _class(run: MutationRun, query: str) -> str:
    if run.differs(query, run.datasets):
        return "killed"
    return "survivors" if run.differs(query, run.generated) else "equivalent"


def mutate(job: dict[str, Any]) -> str:
    """Return, as JSON, the changes made by the mutants of a query, by their result."""
    return json.dumps({"nonce": job["nonce"], **_classify_mutants(job)})
