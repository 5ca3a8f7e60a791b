"""Generations, their evidence and their leagues in the table."""

import json
from collections.abc import Mapping
from datetime import datetime

from coursewright.adapters.bodies import Bodies
from coursewright.adapters.table import Table, put
from coursewright.domain.errors import DraftMissing
from coursewright.domain.generation import Generation, GenerationRequest, GenerationStatus
from coursewright.domain.league import LeagueRow
from coursewright.domain.verification import Verification

META = "META"


class DynamoGenerations:
    """Generations: claimed by the state machine itself, closed by its last function."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, generation: str) -> Generation:
        """Give a generation. Raises: DraftMissing."""
        item = self._table.get(partition(generation), META)
        if item is None:
            raise DraftMissing(f"there is no generation {generation}")
        return Generation(
            request=GenerationRequest.model_validate_json(item["request"]),
            status=GenerationStatus(item["status"]),
            started_at=datetime.fromisoformat(item["started_at"]),
            execution=item["execution"],
        )

    def is_claimed(self, generation: str) -> bool:
        """Say whether some execution owns this generation."""
        return self._table.get(partition(generation), META) is not None

    def close(self, generation: str, status: GenerationStatus, *, now: datetime) -> None:
        """Write the final status; the same status again changes nothing."""
        started = self.get(generation).started_at.isoformat()
        self._table.update(
            partition(generation),
            META,
            "SET #status = :status, closed_at = if_not_exists(closed_at, :now), GSI2SK = :place",
            "attribute_exists(PK)",
            {
                ":status": status,
                ":now": now.isoformat(),
                ":place": f"{status}#{started}#{generation}",
            },
        )


class DynamoVerifications:
    """Evidence per draft and attempt, written once."""

    def __init__(self, table: Table, bodies: Bodies) -> None:
        self._table = table
        self._bodies = bodies

    def save(self, generation: str, verification: Verification) -> Verification:
        """Keep the evidence of an attempt; the first one stands and is given back."""
        key = f"VERIFICATION#{verification.draft}#{verification.attempt}"
        body = self._bodies.pack(verification.model_dump_json())
        if self._table.put({"PK": partition(generation), "SK": key} | body):
            return verification
        return self.get(generation, verification.draft, verification.attempt) or verification

    def get(self, generation: str, draft: str, attempt: int) -> Verification | None:
        """Give the evidence of one attempt."""
        item = self._table.get(partition(generation), f"VERIFICATION#{draft}#{attempt}")
        return Verification.model_validate_json(self._bodies.unpack(item)) if item else None

    def of_round(self, generation: str, round_number: int) -> tuple[Verification, ...]:
        """Give all evidence of a round."""
        items = self._table.query(partition(generation), "VERIFICATION#")
        found = (Verification.model_validate_json(self._bodies.unpack(item)) for item in items)
        return tuple(one for one in found if f"/r{round_number}/" in one.draft)


class DynamoLeagues:
    """The comparison of models, per round, with a cost record per call."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def save(
        self,
        generation: str,
        round_number: int,
        rows: tuple[LeagueRow, ...],
        costs: Mapping[str, str],
    ) -> None:
        """Keep a round's league and the cost record of each call; the first ones stand."""
        for name, cost in costs.items():
            self._table.put({"PK": partition(generation), "SK": f"COST#{name}", "cost": cost})
        body = json.dumps([row.model_dump(mode="json") for row in rows])
        league = {"PK": partition(generation), "SK": f"LEAGUE#{round_number}", "body": body}
        self._table.write([put(self._table.name, league)])

    def get(self, generation: str, round_number: int) -> tuple[LeagueRow, ...]:
        """Give a round's league, best model first."""
        item = self._table.get(partition(generation), f"LEAGUE#{round_number}")
        rows = json.loads(item["body"]) if item else []
        return tuple(LeagueRow.model_validate(row) for row in rows)


def partition(generation: str) -> str:
    """Give the partition of a generation."""
    return f"GENERATION#{generation}"
