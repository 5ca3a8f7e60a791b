"""Chooses titles and folder names that are unique in an export and valid on every file system."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from coursewright.domain.assignment import Assignment
from coursewright.domain.title import MAX_TITLE_CHARS
from coursewright.exports.files import ExportItem

MAX_NAME_CHARS = 60
RESERVED_NAMES = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
FILE_NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}\.(py|sql)")


def export_items(assignments: Sequence[Assignment]) -> list[ExportItem]:
    """Name each assignment after its title, adding its id if titles collide."""
    titles = Counter(assignment.name for assignment in assignments)
    slugs = Counter(slug(assignment.name) for assignment in assignments)
    return [
        ExportItem(
            assignment=assignment,
            title=_unique_title(assignment, is_unique=titles[assignment.name] == 1),
            slug=_unique_slug(assignment, is_unique=slugs[slug(assignment.name)] == 1),
        )
        for assignment in assignments
    ]


def slug(text: str) -> str:
    """Return the text as lower-case ASCII words joined by dashes; may be empty."""
    compatible = unicodedata.normalize("NFKD", text[:MAX_TITLE_CHARS])
    ascii_only = compatible.encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", ascii_only)[:MAX_NAME_CHARS].strip("-")
    return f"{short}-task" if short in RESERVED_NAMES else short


def is_valid_file_name(name: str) -> bool:
    """Whether the name is valid on every file system and tests can import the module."""
    stem = name.partition(".")[0].lower()
    return FILE_NAME_PATTERN.fullmatch(name) is not None and stem not in RESERVED_NAMES


def shared_titles(assignments: Sequence[Assignment]) -> list[str]:
    """Return the titles shared by several assignments, sorted."""
    titles = Counter(assignment.name for assignment in assignments)
    return sorted(title for title, count in titles.items() if count > 1)


def _unique_title(assignment: Assignment, *, is_unique: bool) -> str:
    return assignment.name if is_unique else f"{assignment.name} ({assignment.assignment})"


def _unique_slug(assignment: Assignment, *, is_unique: bool) -> str:
    title = slug(assignment.name)
    if title and is_unique:
        return title
    return "-".join(filter(None, (title, slug(assignment.assignment))))
