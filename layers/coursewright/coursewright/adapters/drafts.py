"""Everything the agents wrote, each part in its own agent's partition of the table."""

from collections.abc import Iterator
from typing import TypeVar

from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.table import ABSENT, Item, Table, put
from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.base import Record, fingerprint, identity_content
from coursewright.domain.errors import DraftConflict, DraftMissing
from coursewright.domain.model_call import Agent

PartT = TypeVar("PartT", DraftTests, DraftSolution)


class DynamoDrafts:
    """Drafts, tests, solutions and hints; written once and never overwritten."""

    def __init__(self, table: Table, blobs: BlobStore) -> None:
        self._table = table
        self._blobs = blobs

    def save_drafts(self, drafts: tuple[Draft, ...]) -> None:
        """Store all drafts of one answer, or none."""
        self._save(
            [
                (partition(Agent.CONDITIONS, draft.generation), f"DRAFT#{draft.draft}", draft)
                for draft in drafts
            ]
        )

    def save_tests(self, generation: str, tests: DraftTests) -> None:
        """Store the tests of one attempt."""
        key = f"TESTS#{tests.draft}#{tests.attempt}"
        self._save([(partition(Agent.TESTS, generation), key, tests)])

    def save_solution(self, generation: str, solution: DraftSolution) -> None:
        """Store the solution of one attempt."""
        key = f"SOLUTION#{solution.draft}#{solution.attempt}"
        self._save([(partition(Agent.SOLUTION, generation), key, solution)])

    def save_blind_solution(self, generation: str, solver: str, solution: DraftSolution) -> None:
        """Store another model's solution, written from the draft's text and starter alone."""
        key = f"SOLUTION#{solution.draft}#{solver}"
        self._save([(partition(Agent.SOLVER, generation), key, solution)])

    def blind_solution(self, generation: str, draft: str, solver: str) -> DraftSolution:
        """Return another model's solution to a draft. Raises: DraftMissing."""
        item = self._table.get(partition(Agent.SOLVER, generation), f"SOLUTION#{draft}#{solver}")
        if item is None:
            raise DraftMissing(f"{generation}: {draft} has no solution by {solver}")
        return DraftSolution.model_validate_json(self._blobs.unpack(item))

    def save_hint(self, generation: str, hint: DraftHint) -> None:
        """Store the hint of a draft."""
        self._save([(partition(Agent.HINT, generation), f"HINT#{hint.draft}", hint)])

    def hint(self, generation: str, draft: str) -> DraftHint | None:
        """Return the hint of a draft, if one was requested."""
        item = self._table.get(partition(Agent.HINT, generation), f"HINT#{draft}")
        return DraftHint.model_validate_json(self._blobs.unpack(item)) if item else None

    def get(self, generation: str, draft: str) -> Draft:
        """Return a draft. Raises: DraftMissing."""
        item = self._table.get(partition(Agent.CONDITIONS, generation), f"DRAFT#{draft}")
        if item is None:
            raise DraftMissing(f"{generation} has no draft {draft}")
        return Draft.model_validate_json(self._blobs.unpack(item))

    def of_round(self, generation: str, round_number: int) -> tuple[Draft, ...]:
        """Return all drafts of a round, sorted by task number, then model."""
        items = self._table.query(partition(Agent.CONDITIONS, generation), "DRAFT#")
        drafts = (Draft.model_validate_json(self._blobs.unpack(item)) for item in items)
        in_round = (draft for draft in drafts if draft.round == round_number)
        return tuple(sorted(in_round, key=lambda draft: (draft.number, draft.model)))

    def latest_tests(self, generation: str, draft: str, *, attempt: int) -> DraftTests | None:
        """Return the newest tests written up to and including an attempt."""
        pk = partition(Agent.TESTS, generation)
        return self._latest(DraftTests, pk, f"TESTS#{draft}#", attempt)

    def latest_solution(self, generation: str, draft: str, *, attempt: int) -> DraftSolution | None:
        """Return the newest solution written up to and including an attempt."""
        pk = partition(Agent.SOLUTION, generation)
        return self._latest(DraftSolution, pk, f"SOLUTION#{draft}#", attempt)

    def tests_of_round(self, generation: str, round_number: int) -> tuple[DraftTests, ...]:
        """Return all tests of a round, from every attempt."""
        bodies = self._round_bodies(Agent.TESTS, "TESTS#", generation, round_number)
        return tuple(map(DraftTests.model_validate_json, bodies))

    def solutions_of_round(self, generation: str, round_number: int) -> tuple[DraftSolution, ...]:
        """Return all solutions of a round, from every attempt."""
        bodies = self._round_bodies(Agent.SOLUTION, "SOLUTION#", generation, round_number)
        return tuple(map(DraftSolution.model_validate_json, bodies))

    def hints_of_round(self, generation: str, round_number: int) -> tuple[DraftHint, ...]:
        """Return the hints of a round."""
        bodies = self._round_bodies(Agent.HINT, "HINT#", generation, round_number)
        return tuple(map(DraftHint.model_validate_json, bodies))

    def _round_bodies(
        self, agent: Agent, prefix: str, generation: str, round_number: int
    ) -> Iterator[str]:
        """Yield a round's record bodies, read in a single query because pages show all of them."""
        for item in self._table.query(partition(agent, generation), prefix):
            if f"/r{round_number}/" in item["SK"]:
                yield self._blobs.unpack(item)

    def _latest(self, kind: type[PartT], pk: str, prefix: str, attempt: int) -> PartT | None:
        for number in range(attempt, -1, -1):
            item = self._table.get(pk, f"{prefix}{number}")
            if item is not None:
                return kind.model_validate_json(self._blobs.unpack(item))
        return None

    def _save(self, records: list[tuple[str, str, Record]]) -> None:
        actions = [self._put(pk, sk, record) for pk, sk, record in records]
        failed = self._table.failed_conditions(actions)
        keys = [sk for (_, sk, _), is_bad in zip(records, failed, strict=True) if is_bad]
        if keys:
            raise DraftConflict(f"{', '.join(keys)}: already stored with different content")

    def _put(self, pk: str, sk: str, record: Record) -> Item:
        sha256 = fingerprint(identity_content(record))
        item = {"PK": pk, "SK": sk, "sha256": sha256} | self._blobs.pack(record.model_dump_json())
        condition = f"{ABSENT} OR sha256 = :sha256"
        return put(self._table.name, item, condition, {":sha256": sha256})


def partition(agent: Agent, generation: str) -> str:
    """Return the partition of a generation that only this agent may write to."""
    return f"AGENT#{agent}#{generation}"
