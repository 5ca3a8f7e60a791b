"""Generations, their evidence and their league tables, stored in the table."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.table import Table, put
from coursewright.domain.certificate import Certificate
from coursewright.domain.errors import DraftMissing
from coursewright.domain.generation import (
    UNFINISHED,
    Generation,
    GenerationRequest,
    GenerationStatus,
)
from coursewright.domain.league import LeagueRow
from coursewright.domain.review import review_id
from coursewright.domain.verification import CrossCheck, Verification

META = "META"
EvidenceT = TypeVar("EvidenceT", Verification, CrossCheck)


class DynamoGenerations:
    """Generations; the state machine claims them itself, and its last function closes them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, generation: str) -> Generation:
        """Return a generation. Raises: DraftMissing."""
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
        """Return whether an execution owns this generation."""
        return self._table.get(partition(generation), META) is not None

    def list_month(self, month: str) -> tuple[str, ...]:
        """Return the ids of generations started in a month (`YYYY-MM`), newest first."""
        items = self._table.query_index("GSI2", f"GENERATIONS#{month}")
        newest = sorted(items, key=lambda item: str(item["started_at"]), reverse=True)
        return tuple(item["PK"].removeprefix("GENERATION#") for item in newest)

    def close(self, generation: str, status: GenerationStatus, *, now: datetime) -> None:
        """Store the final status; idempotent."""
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

    def list_unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Return the generations started in these months (`YYYY-MM`) that are not closed."""
        partitions = [
            item["PK"]
            for month in months
            for status in UNFINISHED
            for item in self._table.query_index("GSI2", f"GENERATIONS#{month}", f"{status}#")
        ]
        return tuple(self.get(pk.removeprefix(partition(""))) for pk in partitions)

    def change_status(self, seen: Generation, status: GenerationStatus) -> bool:
        """Change a generation's status; return False if it has changed since it was read."""
        name = seen.request.generation
        written = self._table.update(
            partition(name),
            META,
            "SET #status = :status, GSI2SK = :place",
            "#status = :seen",
            {
                ":status": status,
                ":place": f"{status}#{seen.started_at.isoformat()}#{name}",
                ":seen": seen.status,
            },
        )
        return written is not None


class DynamoVerifications:
    """Evidence per draft and attempt, and each round's league table; written once."""

    def __init__(self, table: Table, blobs: BlobStore) -> None:
        self._table = table
        self._blobs = blobs

    def save(self, generation: str, verification: Verification) -> Verification:
        """Store an attempt's evidence once; return the stored evidence."""
        key = f"VERIFICATION#{verification.draft}#{verification.attempt}"
        return self._save_once(generation, key, verification)

    def get(self, generation: str, draft: str, attempt: int) -> Verification | None:
        """Return the evidence of one attempt."""
        item = self._table.get(partition(generation), f"VERIFICATION#{draft}#{attempt}")
        return Verification.model_validate_json(self._blobs.unpack(item)) if item else None

    def of_round(self, generation: str, round_number: int) -> tuple[Verification, ...]:
        """Return all evidence of a round."""
        return self._list_round(Verification, generation, round_number, "VERIFICATION#")

    def save_cross_check(self, generation: str, check: CrossCheck) -> CrossCheck:
        """Store the comparison with another model's solution once; return the stored comparison."""
        key = f"CROSSCHECK#{check.draft}#{check.solver}"
        return self._save_once(generation, key, check)

    def cross_checks(self, generation: str, round_number: int) -> tuple[CrossCheck, ...]:
        """Return a round's comparisons with other models' solutions."""
        return self._list_round(CrossCheck, generation, round_number, "CROSSCHECK#")

    def save_certificates(
        self, generation: str, round_number: int, certificates: tuple[Certificate, ...]
    ) -> None:
        """Store a round's certificates; certificates already stored are not changed."""
        for certificate in certificates:
            key = {
                "PK": review_id(generation, round_number),
                "SK": f"CERTIFICATE#{certificate.draft}",
            }
            self._table.put(key | self._blobs.pack(certificate.model_dump_json()))

    def certificates(self, generation: str, round_number: int) -> tuple[Certificate, ...]:
        """Return the certificates of a round."""
        items = self._table.query(review_id(generation, round_number), "CERTIFICATE#")
        return tuple(Certificate.model_validate_json(self._blobs.unpack(item)) for item in items)

    def save_league(
        self,
        generation: str,
        round_number: int,
        rows: tuple[LeagueRow, ...],
        costs: Mapping[str, str],
    ) -> None:
        """Store a round's league table and the cost of each call, once."""
        for name, cost in costs.items():
            self._table.put({"PK": partition(generation), "SK": f"COST#{name}", "cost": cost})
        body = json.dumps([row.model_dump(mode="json") for row in rows])
        league = {"PK": partition(generation), "SK": f"LEAGUE#{round_number}", "body": body}
        self._table.write([put(self._table.name, league)])

    def league(self, generation: str, round_number: int) -> tuple[LeagueRow, ...]:
        """Return a round's league table, best model first."""
        item = self._table.get(partition(generation), f"LEAGUE#{round_number}")
        rows = json.loads(item["body"]) if item else []
        return tuple(LeagueRow.model_validate(row) for row in rows)

    def _save_once(self, generation: str, key: str, evidence: EvidenceT) -> EvidenceT:
        body = self._blobs.pack(evidence.model_dump_json())
        if self._table.put({"PK": partition(generation), "SK": key} | body):
            return evidence
        item = self._table.get(partition(generation), key)
        return evidence.model_validate_json(self._blobs.unpack(item)) if item else evidence

    def _list_round(
        self, kind: type[EvidenceT], generation: str, round_number: int, prefix: str
    ) -> tuple[EvidenceT, ...]:
        items = self._table.query(partition(generation), prefix)
        records = (kind.model_validate_json(self._blobs.unpack(item)) for item in items)
        return tuple(record for record in records if f"/r{round_number}/" in record.draft)


def partition(generation: str) -> str:
    """Return the partition of a generation."""
    return f"GENERATION#{generation}"
