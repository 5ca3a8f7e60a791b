"""The versions of a draft, each with what it changed."""

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import Edit, Parts, diff


class Version(Record):
    """One version of a draft, and what it changed."""

    edit: Edit
    after: Parts
    diff: str
    is_in_force: bool


def versions_of(one: DraftEvidence) -> tuple[Version, ...]:
    """Return every version of a draft with what it changed, newest first."""
    made = {edit.number: edit.parts for edit in one.edits if edit.parts}
    if one.original is not None:
        made[0] = one.original
    stands = one.edit.number if one.edit else 0

    def version(edit: Edit) -> Version:
        after = edit.parts or made[edit.restores]
        changed = diff(made[edit.base], after)
        return Version(edit=edit, after=after, diff=changed, is_in_force=edit.number == stands)

    return tuple(version(edit) for edit in reversed(one.edits))
