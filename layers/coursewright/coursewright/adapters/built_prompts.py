"""Built prompts in S3, listed in the table so that they can be erased with their course."""

import json

from coursewright.adapters.answers import RETENTION_DAYS
from coursewright.adapters.blob_store import TextStore
from coursewright.adapters.table import Table
from coursewright.domain.base import fingerprint, text_sha256


class DynamoBuiltPrompts:
    """Built prompts by sha256, with a record per round that lists them under their generation."""

    def __init__(self, table: Table, texts: TextStore) -> None:
        self._table = table
        self._texts = texts

    def save(self, generation: str, round_number: int, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Store a round's texts and return their sha256; idempotent."""
        shas = tuple(text_sha256(text) for text in texts)
        distinct = sorted(set(shas))
        self._table.put(
            {
                "PK": f"GENERATION#{generation}",
                "SK": f"PROMPTS#{round_number}#{fingerprint(distinct)[:16]}",
                "built_prompts": json.dumps(distinct),
                **self._table.expiry(RETENTION_DAYS),
            }
        )
        for text in dict.fromkeys(texts):
            self._texts.save(text)
        return shas

    def read(self, sha256: str) -> str | None:
        """Return a built text, or None if it has expired."""
        return self._texts.find(sha256)
