"""Shortens what would not fit on one page, the longest parts first, so that every review opens."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from coursewright.domain.assignment import Dataset, Draft, DraftSolution, DraftTests
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Evidence

# Bytes of all parts, which a browser has to lay out and a function to colour within seconds.
# Lambda's answer ends at 6 MB; Base64 adds a third to what gzip leaves, which may be all.
MAX_PAGE_CONTENT_BYTES = 2_000_000
ENDED = "…"


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
        evidence = _evidence(one.verification.evidence, most)
        changed["verification"] = one.verification.model_copy(update={"evidence": evidence})
    return one.model_copy(update=changed)


def _sizes(one: DraftEvidence) -> list[int]:
    draft, tests, solution = one.draft, one.tests, one.solution
    texts = [draft.text, draft.text, draft.code, draft.schema_sql]  # the text is shown twice
    texts += [solution.code, solution.explanation] if solution else []
    texts += [tests.tests, *(each.seed_sql for each in tests.datasets)] if tests else []
    lists: list[Sequence[Any]] = _lists(one.evidence) if one.evidence else []
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


def _lists(evidence: Evidence) -> list[Sequence[Any]]:
    coverage = evidence.requirements
    sentences = coverage.sentences_without if coverage else ()
    return [evidence.failures, evidence.mutants.survivors, sentences]


def _evidence(evidence: Evidence, most: int) -> Evidence:
    failures, survivors, sentences = (_first(each, most) for each in _lists(evidence))
    coverage = evidence.requirements
    return evidence.model_copy(
        update={
            "failures": failures,
            "mutants": evidence.mutants.model_copy(update={"survivors": survivors}),
            "requirements": coverage
            and coverage.model_copy(update={"sentences_without": sentences}),
        }
    )


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
