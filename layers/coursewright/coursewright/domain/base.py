"""The base class of everything that is stored or passed on, and its fingerprint."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

MAX_NUMBER_DIGITS = 4


class Record(BaseModel):
    """An immutable value that rejects unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def identity_content(record: Record) -> Any:
    """Return the record's non-default fields as JSON-compatible data.

    Fingerprints are computed from these, so that adding a field in a later release changes none.
    """
    return record.model_dump(mode="json", exclude_defaults=True)


def fingerprint(content: Any) -> str:
    """Return the sha256 (hex) of canonical JSON, so that equal content has equal fingerprints."""
    return text_sha256(json.dumps(content, sort_keys=True, separators=(",", ":")))


def small_number(text: str) -> int | None:
    """Return the number written in at most four ASCII digits, or None for any other text."""
    is_number = len(text) <= MAX_NUMBER_DIGITS and text.isascii() and text.isdigit()
    return int(text) if is_number else None


def text_sha256(text: str) -> str:
    """Return the hex SHA-256 digest of the text, encoded as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
