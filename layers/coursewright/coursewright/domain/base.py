"""The base of everything we store or hand on, and its fingerprint."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value that rejects unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def identity_content(record: Record) -> Any:
    """Return what a record says; a field that is as by default says nothing.

    Fingerprints are taken of this, so that a field which a later deployment adds changes none.
    """
    return record.model_dump(mode="json", exclude_defaults=True)


def fingerprint(content: Any) -> str:
    """Return the sha256 (hex) of canonical JSON, so that equal content has equal fingerprints."""
    return text_sha256(json.dumps(content, sort_keys=True, separators=(",", ":")))


def text_sha256(text: str) -> str:
    """Return the sha256 (hex) of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
