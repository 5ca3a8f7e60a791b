"""Writes an export to disk for tests that read it back."""

from collections.abc import Sequence
from pathlib import Path

from coursewright.domain.assignment import Assignment
from coursewright.domain.export import Format
from coursewright.exports.export import export


def export_to(assignments: Sequence[Assignment], form: Format, folder: Path) -> Path:
    """Export the assignments into the folder and return the folder."""
    for file in export(assignments, form):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as out:
            out.write(file.content)
    return folder
