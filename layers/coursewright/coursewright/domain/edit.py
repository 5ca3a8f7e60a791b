"""What reviewers changed in a draft: version after version, none ever overwritten."""

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from coursewright.domain.assignment import Dataset
from coursewright.domain.base import Record, fingerprint, identity_content
from coursewright.domain.errors import EditConflict, EditInvalid
from coursewright.domain.evidence import Evidence
from coursewright.domain.problems import ProblemCode

MAX_EDITS_PER_DRAFT = 30  # of one draft; each is a check in the sandbox
PATIENCE = timedelta(minutes=3)  # longer than a check and its retry in the background
MAX_DIFF_CHARS = 40_000  # characters of an audit entry
MAX_DIFF_LINES = 2_000  # of a text that is compared line by line
MAX_PART_CHARS = {
    "name": 200,
    "text": 20_000,
    "code": 50_000,
    "schema_sql": 50_000,
    "tests": 100_000,
    "solution": 50_000,
    "datasets": 200_000,
}
NEEDED = ("name", "text", "solution")


class Parts(Record):
    """What a reviewer may change of a draft."""

    name: str
    text: str
    code: str
    schema_sql: str
    tests: str
    datasets: tuple[Dataset, ...]
    solution: str

    def as_texts(self) -> dict[str, str]:
        """Return each part as a text that can be compared."""
        shown = "\n".join(_dataset_text(one) for one in self.datasets)
        return self.model_dump(exclude={"datasets"}) | {"datasets": shown}


class EditCheck(Record):
    """The evidence about one version."""

    draft: str
    number: int
    is_verified: bool
    evidence: Evidence


class Edit(Record):
    """One version: new parts, made on version `base`, or the return to version `restores`.

    Version 0 is what the model wrote.
    """

    draft: str
    number: int
    base: int
    parts: Parts | None = None
    restores: int = 0
    editor: str
    edited_at: datetime
    check: EditCheck | None = None

    def is_waiting(self, *, now: datetime) -> bool:
        """Return whether the sandbox may still answer by itself."""
        return self.parts is not None and self.check is None and now < self.edited_at + PATIENCE


def current_edit(edits: Sequence[Edit]) -> Edit | None:
    """Return the version that counts, or None where it is the model's own."""
    if not edits:
        return None
    newest = edits[-1]
    if newest.parts is not None:
        return newest
    return next((one for one in edits if one.number == newest.restores), None)


class EditContext(Record):
    """Who changes which draft, and the newest version that they saw."""

    draft: str
    seen: int
    editor: str
    now: datetime


def edited(edits: Sequence[Edit], before: Parts, after: Parts, *, by: EditContext) -> Edit:
    """Return the next version of a draft.

    Raises: EditConflict if a version is newer than the editor saw, or EditInvalid.
    """
    number = _next_number(edits, by.seen)
    _require_sense(before, after)
    stands = current_edit(edits)
    base = stands.number if stands else 0
    return _version(by, number, base=base, parts=after)


def undo_edit(edits: Sequence[Edit], *, by: EditContext) -> Edit:
    """Return the version that returns to the one before.

    Raises: EditConflict if a version is newer than the editor saw, or EditInvalid.
    """
    number = _next_number(edits, by.seen)
    stands = current_edit(edits)
    if stands is None:
        raise EditInvalid(ProblemCode.NO_EDIT_TO_UNDO)
    return _version(by, number, base=stands.number, restores=stands.base)


def changed_parts(before: Parts, after: Parts) -> tuple[str, ...]:
    """Name the parts that differ."""
    return tuple(name for name in MAX_PART_CHARS if getattr(before, name) != getattr(after, name))


def parts_sha256(parts: Parts) -> str:
    """Return the fingerprint of a version's parts."""
    return fingerprint(identity_content(parts))


def diff(before: Parts, after: Parts) -> str:
    """Return what changed, part by part, as a unified diff of bounded length."""
    old, new = before.as_texts(), after.as_texts()
    parts = (diff_lines(name, old[name], new[name]) for name in changed_parts(before, after))
    whole = "\n".join(line for part in parts for line in part)
    return whole if len(whole) <= MAX_DIFF_CHARS else f"{whole[:MAX_DIFF_CHARS]}\n…"


def diff_lines(name: str, old: str, new: str) -> Iterable[str]:
    """Return what changed in one text, unless it is too long to compare."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MAX_DIFF_LINES:
        return (f"--- {name}", f"+++ {name}", f"@@ {len(before)} → {len(after)} lines @@")
    return difflib.unified_diff(before, after, name, name, lineterm="")


def _version(by: EditContext, number: int, **facts: Any) -> Edit:
    return Edit(draft=by.draft, number=number, editor=by.editor, edited_at=by.now, **facts)


def _next_number(edits: Sequence[Edit], seen: int) -> int:
    newest = edits[-1].number if edits else 0
    if seen != newest:
        raise EditConflict(edits[-1].editor if edits else "")
    if newest >= MAX_EDITS_PER_DRAFT:
        raise EditInvalid(ProblemCode.TOO_MANY_EDITS)
    return newest + 1


def _require_sense(before: Parts, after: Parts) -> None:
    if not changed_parts(before, after):
        raise EditInvalid(ProblemCode.NOTHING_CHANGED)
    texts = after.as_texts()
    if any(len(texts[name]) > most for name, most in MAX_PART_CHARS.items()):
        raise EditInvalid(ProblemCode.PART_TOO_LONG)
    if not all(texts[name].strip() for name in NEEDED):
        raise EditInvalid(ProblemCode.PART_EMPTY)


def _dataset_text(one: Dataset) -> str:
    rows = "\n".join(map(repr, one.expected_rows))
    return f"{one.name}\n{one.seed_sql}\n{one.expected_columns!r}\n{rows}"
