"""Finds near duplicates among drafts and published assignments by comparing text shingles."""

import re
from collections.abc import Iterable, Sequence

from coursewright.domain.assignment import Assignment, Draft
from coursewright.domain.certificate import NearDuplicate

SHINGLE_TOKENS = 3
MIN_SIMILARITY = 0.5
TAG = re.compile(r"<[^<>]*>")
TOKEN = re.compile(r"\w+")

Shingles = frozenset[tuple[str, ...]]


def find_near_duplicates(
    drafts: Sequence[Draft], published: Iterable[Assignment]
) -> dict[str, NearDuplicate]:
    """Return, for each near duplicate, the most similar earlier draft or published assignment.

    Drafts of earlier rounds are not compared, because the new round was asked to change them.
    """
    known = [_published(assignment) for assignment in published]
    near_duplicates: dict[str, NearDuplicate] = {}
    for draft in drafts:
        own = shingles(draft.name, draft.text, draft.code)
        if (most_similar := _most_similar(own, known)) is not None:
            near_duplicates[draft.draft] = most_similar
        known.append((own, NearDuplicate(of=draft.draft, name=draft.name)))
    return near_duplicates


def shingles(*texts: str) -> Shingles:
    """Return all sequences of three tokens in the texts, ignoring tags."""
    tokens = [token.casefold() for text in texts for token in TOKEN.findall(TAG.sub(" ", text))]
    starts = range(max(1, len(tokens) - SHINGLE_TOKENS + 1))
    return frozenset(tuple(tokens[start : start + SHINGLE_TOKENS]) for start in starts)


def _published(assignment: Assignment) -> tuple[Shingles, NearDuplicate]:
    original = NearDuplicate(of=assignment.assignment, name=assignment.name, is_published=True)
    return shingles(assignment.name, assignment.text, assignment.code), original


def _most_similar(
    own: Shingles, known: Sequence[tuple[Shingles, NearDuplicate]]
) -> NearDuplicate | None:
    scored = [(_similarity(own, other), original) for other, original in known]
    similarity, original = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if original is None or similarity < MIN_SIMILARITY:
        return None
    return original.model_copy(update={"similarity": round(similarity * 100)})


def _similarity(left: Shingles, right: Shingles) -> float:
    return len(left & right) / len(left | right)
