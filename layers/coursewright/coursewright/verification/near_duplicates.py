"""Finds drafts that are near copies of others, by the tokens of their texts."""

import re
from collections.abc import Iterable, Sequence

from coursewright.domain.assignment import Assignment, Draft
from coursewright.domain.certificate import NearDuplicate

SHINGLE = 3
NEAR_COPY = 0.5
TAG = re.compile(r"<[^>]*>")
TOKEN = re.compile(r"\w+")

Shingles = frozenset[tuple[str, ...]]


def find_near_duplicates(
    drafts: Sequence[Draft], published: Iterable[Assignment]
) -> dict[str, NearDuplicate]:
    """Name for each near copy what it is most like: an assignment, or a draft that stands before.

    Drafts of the same task in an earlier round are no twins: they are what was to be changed.
    """
    known: list[tuple[Shingles, NearDuplicate]] = [
        (
            shingles(one.name, one.text, one.code),
            NearDuplicate(of=one.assignment, name=one.name, is_published=True),
        )
        for one in published
    ]
    found: dict[str, NearDuplicate] = {}
    for draft in drafts:
        own = shingles(draft.name, draft.text, draft.code)
        similarity, near_duplicate = max(
            ((_similarity(own, other), near_duplicate) for other, near_duplicate in known),
            key=lambda pair: pair[0],
            default=(0.0, None),
        )
        if near_duplicate is not None and similarity >= NEAR_COPY:
            found[draft.draft] = near_duplicate.model_copy(
                update={"similarity": round(similarity * 100)}
            )
        known.append((own, NearDuplicate(of=draft.draft, name=draft.name)))
    return found


def shingles(*texts: str) -> Shingles:
    """Return the runs of three tokens of some texts, without tags."""
    words = [word.casefold() for text in texts for word in TOKEN.findall(TAG.sub(" ", text))]
    runs = range(max(1, len(words) - SHINGLE + 1))
    return frozenset(tuple(words[at : at + SHINGLE]) for at in runs)


def _similarity(one: Shingles, other: Shingles) -> float:
    return len(one & other) / len(one | other)
