"""Reviewers' edits of a draft, stored as versions that are never overwritten."""

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from coursewright.domain.allowed_html import removed_markup
from coursewright.domain.assignment import Dataset
from coursewright.domain.base import Record, fingerprint, identity_content
from coursewright.domain.errors import EditConflict, EditInvalid
from coursewright.domain.evidence import Evidence
from coursewright.domain.problems import ProblemCode

MAX_EDITS_PER_DRAFT = 30  # each edit costs one sandbox check
CHECK_TIMEOUT = timedelta(minutes=3)  # longer than a background check and its retry
MAX_DIFF_CHARS = 40_000  # per audit entry
MAX_DIFF_LINES = 2_000  # longer texts are not compared line by line
MAX_PART_CHARS = {
    "name": 200,
    "text": 20_000,
    "code": 50_000,
    "schema_sql": 50_000,
    "tests": 100_000,
    "solution": 50_000,
    "datasets": 200_000,
}
REQUIRED_PARTS = ("name", "text", "solution")


class Parts(Record):
    """The parts of a draft that a reviewer may change."""

    name: str
    text: str
    code: str
    schema_sql: str
    tests: str
    datasets: tuple[Dataset, ...]
    solution: str

    def as_texts(self) -> dict[str, str]:
        """Return each part as text, so that parts can be compared."""
        datasets = "\n".join(map(_dataset_text, self.datasets))
        return self.model_dump(exclude={"datasets"}) | {"datasets": datasets}


class VerifyEditTask(Record):
    """The version of a draft to verify."""

    generation: str
    round: int
    draft: str
    number: int


class EditCheck(Record):
    """The evidence about one version."""

    draft: str
    number: int
    is_verified: bool
    evidence: Evidence


class Edit(Record):
    """One version: either new parts based on version `base`, or a return to version `restores`.

    Version 0 is the one that the model wrote.
    """

    draft: str
    number: int
    base: int
    parts: Parts | None = None
    removed: tuple[str, ...] = ()  # markup in the new text that is never shown
    restores: int = 0
    editor: str
    edited_at: datetime
    check: EditCheck | None = None

    def is_waiting(self, *, now: datetime) -> bool:
        """Return whether a verification result may still arrive."""
        is_unchecked = self.parts is not None and self.check is None
        return is_unchecked and now < self.edited_at + CHECK_TIMEOUT


class EditContext(Record):
    """The draft being edited, its editor, and the newest version that the editor saw."""

    draft: str
    seen: int
    editor: str
    now: datetime


def current_edit(edits: Sequence[Edit]) -> Edit | None:
    """Return the current edit, or None if the model's own version is current."""
    if not edits:
        return None
    newest = edits[-1]
    if newest.parts is not None:
        return newest
    return next((edit for edit in edits if edit.number == newest.restores), None)


def next_edit(edits: Sequence[Edit], before: Parts, after: Parts, *, context: EditContext) -> Edit:
    """Return the next version of a draft.

    Raises: EditConflict if there is a version that the editor has not seen; EditInvalid.
    """
    number = _next_number(edits, context.seen)
    _require_valid(before, after)
    current = current_edit(edits)
    base = current.number if current else 0
    removed = removed_markup(after.text)
    return _version(context, number, base=base, parts=after, removed=removed)


def undo_edit(edits: Sequence[Edit], *, context: EditContext) -> Edit:
    """Return the edit that reverts to the previous version.

    Raises: EditConflict if there is a version that the editor has not seen; EditInvalid.
    """
    number = _next_number(edits, context.seen)
    current = current_edit(edits)
    if current is None:
        raise EditInvalid(ProblemCode.NO_EDIT_TO_UNDO)
    return _version(context, number, base=current.number, restores=current.base)


def changed_parts(before: Parts, after: Parts) -> tuple[str, ...]:
    """Return the names of the parts that differ."""
    return tuple(name for name in MAX_PART_CHARS if getattr(before, name) != getattr(after, name))


def parts_sha256(parts: Parts) -> str:
    """Return the hash of a version's parts."""
    return fingerprint(identity_content(parts))


def diff(before: Parts, after: Parts) -> str:
    """Return a unified diff of all changed parts, truncated to `MAX_DIFF_CHARS`."""
    old, new = before.as_texts(), after.as_texts()
    parts = (diff_lines(name, old[name], new[name]) for name in changed_parts(before, after))
    whole = "\n".join(line for part in parts for line in part)
    return whole if len(whole) <= MAX_DIFF_CHARS else f"{whole[:MAX_DIFF_CHARS]}\n…"


def diff_lines(name: str, old: str, new: str) -> Iterable[str]:
    """Return the unified diff of one part, or only its line counts if it is too long."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MAX_DIFF_LINES:
        return (f"--- {name}", f"+++ {name}", f"@@ {len(before)} → {len(after)} lines @@")
    return difflib.unified_diff(before, after, name, name, lineterm="")


def _version(context: EditContext, number: int, **facts: Any) -> Edit:
    return Edit(
        draft=context.draft,
        number=number,
        editor=context.editor,
        edited_at=context.now,
        **facts,
    )


def _next_number(edits: Sequence[Edit], seen: int) -> int:
    newest = edits[-1].number if edits else 0
    if seen != newest:
        raise EditConflict(edits[-1].editor if edits else "")
    if newest >= MAX_EDITS_PER_DRAFT:
        raise EditInvalid(ProblemCode.TOO_MANY_EDITS)
    return newest + 1


def _require_valid(before: Parts, after: Parts) -> None:
    if not changed_parts(before, after):
        raise EditInvalid(ProblemCode.NOTHING_CHANGED)
    texts = after.as_texts()
    if any(len(texts[name]) > limit for name, limit in MAX_PART_CHARS.items()):
        raise EditInvalid(ProblemCode.PART_TOO_LONG)
    if not all(texts[name].strip() for name in REQUIRED_PARTS):
        raise EditInvalid(ProblemCode.PART_EMPTY)


def _dataset_text(dataset: Dataset) -> str:
    rows = "\n".join(map(repr, dataset.expected_rows))
    return f"{dataset.name}\n{dataset.seed_sql}\n{dataset.expected_columns!r}\n{rows}"
