"""The audit trail in the table."""

import json
from datetime import datetime
from typing import Any

from coursewright.adapters.table import Table
from coursewright.domain.base import fingerprint


class DynamoAudit:
    """An append-only list of entries per generation."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, generation: str, event: str, facts: dict[str, Any], *, now: datetime) -> None:
        """Store an entry; idempotent."""
        name = fingerprint([event, facts])[:12]
        entry = {"event": event, "at": now.isoformat(), **facts}
        self._table.put(
            {
                "PK": f"AUDIT#{generation}",
                "SK": f"{now.isoformat()}#{name}",
                "entry": json.dumps(entry),
            }
        )

    def entries(self, generation: str) -> tuple[dict[str, Any], ...]:
        """Return the entries of a generation in chronological order."""
        items = self._table.query(f"AUDIT#{generation}")
        return tuple(json.loads(item["entry"]) for item in items)
