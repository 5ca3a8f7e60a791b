"""Shortens what would not fit on one page, the longest parts first, so that every review opens."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from coursewright.domain.assignment import Dataset, Draft, DraftSolution, DraftTests
from coursewright.domain.draft_evidence import DraftEvidence

# Bytes of all parts, which a browser has to lay out and a function to colour within seconds.
# Lambda's answer ends at 6 MB; Base64 adds a third to what gzip leaves, which may be all.
MAX_PAGE_CONTENT_BYTES = 2_000_000
ENDED = "…"
LISTS = (("failures",), ("mutants", "survivors"), ("requirements", "sentences_without"))


def room(drafts: Iterable[DraftEvidence]) -> int:
    """Return the most bytes that each part may take, so that the parts of all drafts fit."""
    sizes = sorted(size for one in drafts for size in _sizes(one))
    left = MAX_PAGE_CONTENT_BYTES
    for at, size in enumerate(sizes):
        share = left // (len(sizes) - at)
        if size > share:
            return share
        left -= size
    return MAX_PAGE_CONTENT_BYTES


def truncate_draft(one: DraftEvidence, most: int) -> DraftEvidence:
    """Return a draft whose parts take no more than so many bytes; itself if they do anyway."""
    if all(size <= most for size in _sizes(one)):
        return one
    changed: dict[str, Any] = {"draft": _draft(one.draft, most)}
    if one.tests:
        changed["tests"] = _tests(one.tests, most)
    if one.solution:
        changed["solution"] = _solution(one.solution, most)
    if one.verification:
        evidence = _evidence(one.evidence, most)
        changed["verification"] = one.verification.model_copy(update={"evidence": evidence})
    return one.model_copy(update=changed)


def _sizes(one: DraftEvidence) -> list[int]:
    draft, tests, solution = one.draft, one.tests, one.solution
    texts = [draft.text, draft.text, draft.code, draft.schema_sql]  # the text is shown twice
    texts += [solution.code, solution.explanation] if solution else []
    texts += [tests.tests, *(each.seed_sql for each in tests.datasets)] if tests else []
    lists: list[Sequence[Any]] = [_of(one.evidence, path) for path in LISTS]
    if tests:
        lists += [tests.requirements, *(each.expected_rows for each in tests.datasets)]
    return [len(text.encode()) for text in texts] + [sum(map(_size, each)) for each in lists]


def _draft(draft: Draft, most: int) -> Draft:
    names = ("text", "code", "schema_sql")
    return draft.model_copy(update={name: shortened(getattr(draft, name), most) for name in names})


def _tests(tests: DraftTests, most: int) -> DraftTests:
    return tests.model_copy(
        update={
            "tests": shortened(tests.tests, most),
            "requirements": _first(tests.requirements, most),
            "datasets": tuple(_dataset(one, most) for one in tests.datasets),
        }
    )


def _dataset(one: Dataset, most: int) -> Dataset:
    rows = _first(one.expected_rows, most)
    return one.model_copy(update={"seed_sql": shortened(one.seed_sql, most), "expected_rows": rows})


def _solution(solution: DraftSolution, most: int) -> DraftSolution:
    names = ("code", "explanation")
    return solution.model_copy(
        update={name: shortened(getattr(solution, name), most) for name in names}
    )


def _evidence(evidence: dict[str, Any], most: int) -> dict[str, Any]:
    kept = dict(evidence)
    for path in LISTS:
        if _of(evidence, path):
            first, *rest = path
            some = _first(_of(evidence, path), most)
            kept[first] = evidence[first] | {rest[0]: some} if rest else some
    return kept


def _of(evidence: dict[str, Any], path: tuple[str, ...]) -> Sequence[Any]:
    first, *rest = path
    found = evidence.get(first) or ()
    return (found.get(rest[0]) or ()) if rest and isinstance(found, dict) else found


def _first[Item](items: Sequence[Item], most: int) -> tuple[Item, ...]:
    kept: list[Item] = []
    left = most
    for item in items:
        left -= _size(item)
        if left < 0:
            break
        kept.append(item)
    return tuple(kept)


def _size(item: Any) -> int:
    if hasattr(item, "model_dump_json"):
        return len(item.model_dump_json().encode())
    return len(json.dumps(item, ensure_ascii=False).encode())


def shortened(text: str, most: int) -> str:
    """Return a text that takes no more than so many bytes, and ends with `…` if it was longer."""
    raw = text.encode()
    return text if len(raw) <= most else raw[:most].decode(errors="ignore") + ENDED
