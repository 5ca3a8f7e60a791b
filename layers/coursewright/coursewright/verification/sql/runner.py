"""Asks the sandbox about one SQL draft."""

from dataclasses import dataclass
from typing import Any

from coursewright.domain.assignment import Dataset
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.sandbox.answer import Status
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.replies import (
    DatasetResult,
    MutationRun,
    Problem,
    QueryFacts,
    Variation,
)

PROBLEMS: dict[Status, Problem] = {
    Status.TIMED_OUT: "timed_out",
    Status.OUT_OF_MEMORY: "out_of_memory",
}


@dataclass(frozen=True)
class Runner:
    """A draft and the sandbox in which its queries run.

    Every method raises StepUnanswered if the sandbox has no answer.
    """

    check: SqlCheck
    sandbox: Sandbox
    allows_quoted_text: bool = False

    def query(self, dataset: Dataset, query: str) -> DatasetResult:
        """Run a query on a dataset."""
        payload = self._tables() | {"seed_sql": dataset.seed_sql, "query": query}
        answer = self.sandbox.ask("query", payload, DatasetResult)
        problem = PROBLEMS.get(answer.status, "failed")
        return answer.value or DatasetResult(nonce="", stage="query", problem=problem)

    def facts(self, sql: str = "") -> QueryFacts:
        """Analyse the solution, and find dialect differences in a statement, text and lesson."""
        payload = self._tables() | {
            "query": self.check.solution,
            "sql": sql or self.check.solution,
            "text": self.check.text,
            "lesson": self.check.lesson,
        }
        return self.sandbox.ask("read", payload, QueryFacts).value or QueryFacts(nonce="")

    def vary(self, dataset: Dataset, *, is_ordered: bool) -> Variation:
        """Run the solution on a dataset in other row orders and as other databases would."""
        payload = self._tables() | {
            "seed_sql": dataset.seed_sql,
            "query": self.check.solution,
            "is_ordered": is_ordered,
        }
        answer = self.sandbox.ask("vary", payload, Variation)
        return answer.value or Variation(nonce="", row_order="not_finished")

    def mutate(self, facts: QueryFacts, *, is_ordered: bool) -> MutationRun:
        """Run the solution's mutants on all datasets and on generated rows."""
        payload = self.generation_job(self.check.solution, facts) | {"is_ordered": is_ordered}
        answer = self.sandbox.ask("mutate", payload, MutationRun)
        return answer.value or MutationRun(nonce="", is_finished=False)

    def generation_job(self, query: str, facts: QueryFacts) -> dict[str, Any]:
        """Return what a job needs to run a query on datasets and generated rows."""
        return self._tables() | {
            "seeds": [dataset.seed_sql for dataset in self.check.datasets],
            "query": query,
            "literals": facts.literals,
        }

    def _tables(self) -> dict[str, Any]:
        return {
            "schema_sql": self.check.schema_sql,
            "allows_quoted_text": self.allows_quoted_text,
        }
