"""Truncates oversized drafts, longest parts first, so that any review fits on one page."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from coursewright.domain.assignment import Dataset, Draft, DraftSolution, DraftTests
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Evidence

# A function has to highlight the page, and browsers have to lay it out, within seconds. Lambda
# limits responses to 6 MB, and Base64 adds a third to data that gzip may fail to compress.
MAX_PAGE_CONTENT_BYTES = 2_000_000
ELLIPSIS = "…"


def part_limit(drafts: Iterable[DraftEvidence]) -> int:
    """Return the size limit per part, in bytes, at which all drafts fit on the page."""
    sizes = sorted(size for draft in drafts for size in _part_sizes(draft))
    remaining = MAX_PAGE_CONTENT_BYTES
    for index, size in enumerate(sizes):
        share = remaining // (len(sizes) - index)
        if size > share:
            return share
        remaining -= size
    return MAX_PAGE_CONTENT_BYTES


def truncate_draft(draft: DraftEvidence, limit: int) -> DraftEvidence:
    """Truncate a draft's parts to the limit in bytes; return it unchanged if they fit."""
    if all(size <= limit for size in _part_sizes(draft)):
        return draft
    changed: dict[str, Any] = {"draft": _truncate_parts(draft.draft, limit)}
    if draft.tests:
        changed["tests"] = _truncate_tests(draft.tests, limit)
    if draft.solution:
        changed["solution"] = _truncate_solution(draft.solution, limit)
    if draft.verification:
        evidence = _truncate_evidence(draft.verification.evidence, limit)
        changed["verification"] = draft.verification.model_copy(update={"evidence": evidence})
    return draft.model_copy(update=changed)


def _part_sizes(draft: DraftEvidence) -> list[int]:
    parts, tests, solution = draft.draft, draft.tests, draft.solution
    texts = [parts.text, parts.text, parts.code, parts.schema_sql]  # the text is shown twice
    texts += [solution.code, solution.explanation] if solution else []
    texts += [tests.tests, *(dataset.seed_sql for dataset in tests.datasets)] if tests else []
    lists: list[Sequence[Any]] = _evidence_lists(draft.evidence) if draft.evidence else []
    if tests:
        lists += [tests.requirements, *(dataset.expected_rows for dataset in tests.datasets)]
    return [len(text.encode()) for text in texts] + [sum(map(_item_size, items)) for items in lists]


def _truncate_parts(draft: Draft, limit: int) -> Draft:
    names = ("text", "code", "schema_sql")
    return draft.model_copy(update={name: truncate(getattr(draft, name), limit) for name in names})


def _truncate_tests(tests: DraftTests, limit: int) -> DraftTests:
    return tests.model_copy(
        update={
            "tests": truncate(tests.tests, limit),
            "requirements": _leading_items(tests.requirements, limit),
            "datasets": tuple(_truncate_dataset(dataset, limit) for dataset in tests.datasets),
        }
    )


def _truncate_dataset(dataset: Dataset, limit: int) -> Dataset:
    rows = _leading_items(dataset.expected_rows, limit)
    return dataset.model_copy(
        update={"seed_sql": truncate(dataset.seed_sql, limit), "expected_rows": rows}
    )


def _truncate_solution(solution: DraftSolution, limit: int) -> DraftSolution:
    names = ("code", "explanation")
    return solution.model_copy(
        update={name: truncate(getattr(solution, name), limit) for name in names}
    )


def _evidence_lists(evidence: Evidence) -> list[Sequence[Any]]:
    coverage = evidence.requirements
    sentences = coverage.sentences_without if coverage else ()
    return [evidence.failures, evidence.mutants.survivors, sentences]


def _truncate_evidence(evidence: Evidence, limit: int) -> Evidence:
    failures, survivors, sentences = (
        _leading_items(items, limit) for items in _evidence_lists(evidence)
    )
    coverage = evidence.requirements
    return evidence.model_copy(
        update={
            "failures": failures,
            "mutants": evidence.mutants.model_copy(update={"survivors": survivors}),
            "requirements": coverage
            and coverage.model_copy(update={"sentences_without": sentences}),
        }
    )


def _leading_items[Item](items: Sequence[Item], limit: int) -> tuple[Item, ...]:
    fitting: list[Item] = []
    remaining = limit
    for item in items:
        remaining -= _item_size(item)
        if remaining < 0:
            break
        fitting.append(item)
    return tuple(fitting)


def _item_size(item: Any) -> int:
    if hasattr(item, "model_dump_json"):
        return len(item.model_dump_json(exclude_defaults=True).encode())
    return len(json.dumps(item, ensure_ascii=False).encode())


def truncate(text: str, limit: int) -> str:
    """Truncate a text to the limit in bytes, appending `…` if anything was cut off."""
    raw = text.encode()
    return text if len(raw) <= limit else raw[:limit].decode(errors="ignore") + ELLIPSIS
