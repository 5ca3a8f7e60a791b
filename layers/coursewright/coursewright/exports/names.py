"""Names that any file system takes, one for each assignment."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from coursewright.domain.assignment import Assignment
from coursewright.exports.files import Named

MAX_NAME_CHARS = 60
DEVICES = {"con", "prn", "aux", "nul"} | {f"{p}{n}" for p in ("com", "lpt") for n in range(10)}
FILE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}\.(py|sql)")


def named(assignments: Sequence[Assignment]) -> list[Named]:
    """Name each assignment after its title; where titles are alike, after its id as well."""
    titles = Counter(one.name for one in assignments)
    slugs = Counter(slug(one.name) for one in assignments)
    return [
        Named(
            one=one,
            title=one.name if titles[one.name] == 1 else f"{one.name} ({one.assignment})",
            slug=_folder(one, is_alone=slugs[slug(one.name)] == 1),
        )
        for one in assignments
    ]


def slug(words: str) -> str:
    """Return lower-case ASCII words with dashes; nothing where no letter is left."""
    ascii_only = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", ascii_only)[:MAX_NAME_CHARS].strip("-")
    return f"{short}-task" if short in DEVICES else short


def is_file_name(name: str) -> bool:
    """Return whether every file system takes a name and a test can import it."""
    stem = name.partition(".")[0].lower()
    return FILE_NAME.fullmatch(name) is not None and stem not in DEVICES


def shared_titles(assignments: Sequence[Assignment]) -> list[str]:
    """List the titles that several assignments bear."""
    titles = Counter(one.name for one in assignments)
    return sorted(title for title, count in titles.items() if count > 1)


def _folder(one: Assignment, *, is_alone: bool) -> str:
    title = slug(one.name)
    return title if title and is_alone else "-".join(filter(None, (title, slug(one.assignment))))
