"""Finds drafts that are near copies of others, by the tokens of their texts."""

import re
from collections.abc import Iterable, Sequence

from coursewright.domain.assignment import Assignment, Draft
from coursewright.domain.certificate import Twin

SHINGLE = 3
NEAR_COPY = 0.5
TAG = re.compile(r"<[^>]*>")
TOKEN = re.compile(r"\w+")

Shingles = frozenset[tuple[str, ...]]


def twins(drafts: Sequence[Draft], published: Iterable[Assignment]) -> dict[str, Twin]:
    """Name for each near copy what it is most like: an assignment, or a draft that stands before.

    Drafts of the same task in an earlier round are no twins: they are what was to be changed.
    """
    known: list[tuple[Shingles, Twin]] = [
        (
            shingles(one.name, one.text, one.code),
            Twin(of=one.assignment, name=one.name, is_published=True),
        )
        for one in published
    ]
    found: dict[str, Twin] = {}
    for draft in drafts:
        own = shingles(draft.name, draft.text, draft.code)
        likeness, twin = max(
            ((_likeness(own, other), twin) for other, twin in known),
            key=lambda pair: pair[0],
            default=(0.0, None),
        )
        if twin is not None and likeness >= NEAR_COPY:
            found[draft.draft] = twin.model_copy(update={"likeness": round(likeness * 100)})
        known.append((own, Twin(of=draft.draft, name=draft.name)))
    return found


def shingles(*texts: str) -> Shingles:
    """Give the runs of three tokens of some texts, without tags."""
    words = [word.casefold() for text in texts for word in TOKEN.findall(TAG.sub(" ", text))]
    runs = range(max(1, len(words) - SHINGLE + 1))
    return frozenset(tuple(words[at : at + SHINGLE]) for at in runs)


def _likeness(one: Shingles, other: Shingles) -> float:
    return len(one & other) / len(one | other)
