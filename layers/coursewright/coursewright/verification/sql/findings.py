"""Turns what the sandbox found out about an SQL draft into reasons and doubts."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import (
    Cause,
    Evidence,
    Failure,
    FailureCode,
    Finding,
    FindingCode,
    RepairTarget,
    Verdict,
)
from coursewright.verification.check_request import Cell, SqlCheck
from coursewright.verification.rejections import doubt, failure, reason, unfinished
from coursewright.verification.sql.replies import (
    DatasetResult,
    Problem,
    QueryFacts,
    Stage,
    Variation,
)
from coursewright.verification.sql.requested_order import requested_order
from coursewright.verification.sql.row_equality import missing_rows, same_rows

ROWS_SHOWN = 3

STAGE_REASONS: dict[Stage, FindingCode] = {
    "schema": FindingCode.SCHEMA_DOES_NOT_LOAD,
    "seed": FindingCode.DATASET_DOES_NOT_LOAD,
    "query": FindingCode.SOLUTION_DOES_NOT_LOAD,
}
PROBLEM_REASONS: dict[Problem, FindingCode] = {
    "not_allowed": FindingCode.SQL_NOT_ALLOWED,
    "current_time": FindingCode.NOT_REPEATABLE,
    "timed_out": FindingCode.TIMED_OUT,
    "out_of_memory": FindingCode.OUT_OF_MEMORY,
}
STAGE_FAULTS: dict[Stage, RepairTarget] = {
    "schema": RepairTarget.NONE,  # part of the task's text, which no agent repairs
    "seed": RepairTarget.TESTS,
    "query": RepairTarget.SOLUTION,
}


class Solved(NamedTuple):
    """A dataset, the solution's result on it, and how the result varies."""

    dataset: Dataset
    result: DatasetResult
    variation: Variation


def rejected(fault: RepairTarget, *reasons: Finding, failures: Sequence[Failure] = ()) -> Evidence:
    """Return the evidence on a draft that cannot be checked any further."""
    return Evidence(
        verdict=Verdict.REJECTED, reasons=reasons, failures=tuple(failures), fault=fault
    )


def stopped(result: DatasetResult, problem: Problem, where: str, facts: QueryFacts) -> Evidence:
    """Return the evidence on a draft whose solution does not run on a dataset."""
    fault, error = STAGE_FAULTS[result.stage], result.message
    failures = [Failure(test=where, message=error)] if error else []
    if problem not in ("timed_out", "current_time") and facts.differences:
        foreign = (
            reason(FindingCode.OTHER_DIALECT, [where], error=error, **each._asdict())
            for each in facts.differences
        )
        return rejected(fault, *foreign, failures=failures)
    code = PROBLEM_REASONS.get(problem, STAGE_REASONS[result.stage])
    if problem == "current_time":
        return rejected(fault, reason(code, [where], cause=Cause.CURRENT_TIME), failures=failures)
    cause = "" if error else Cause.DATABASE_STOPPED
    return rejected(fault, reason(code, [where], error=error, cause=cause), failures=failures)


def wrong_results(solved: Sequence[Solved], *, is_ordered: bool) -> Iterator[Finding]:
    """Yield the reasons against a solution that returns unexpected columns or rows."""
    if columns := [each.dataset.name for each in solved if not same_columns(each)]:
        yield reason(FindingCode.WRONG_COLUMNS, columns)
    rows = [
        each.dataset.name for each in solved if not has_expected_rows(each, is_ordered=is_ordered)
    ]
    if rows:
        yield reason(FindingCode.WRONG_ROWS, rows)


def failures(solved: Sequence[Solved], *, is_ordered: bool) -> Iterator[Failure]:
    """Yield what a solution returns instead of the expected columns and rows."""
    for each in solved:
        name, expected, returned = each.dataset.name, each.dataset.expected_rows, each.result.rows
        if not same_columns(each):
            yield failure(
                FailureCode.WRONG_COLUMNS,
                name,
                expected=each.dataset.expected_columns,
                returned=each.result.columns,
            )
        if not has_expected_rows(each, is_ordered=is_ordered):
            yield failure(
                FailureCode.WRONG_ROWS,
                name,
                expected=len(expected),
                returned=len(returned),
                missing=tuple(map(_row_text, missing_rows(expected, returned)[:ROWS_SHOWN])),
                surplus=tuple(map(_row_text, missing_rows(returned, expected)[:ROWS_SHOWN])),
                seed=" ".join(each.dataset.seed_sql.split()),
            )


def _row_text(row: Sequence[Cell]) -> str:
    return f"({', '.join('NULL' if cell is None else repr(cell) for cell in row)})"


def same_columns(solved: Solved) -> bool:
    """Return whether a result has the expected columns, in their order."""
    expected = [column.casefold() for column in solved.dataset.expected_columns]
    return expected == [column.casefold() for column in solved.result.columns]


def has_expected_rows(solved: Solved, *, is_ordered: bool) -> bool:
    """Return whether a result has the expected rows."""
    return same_rows(solved.dataset.expected_rows, solved.result.rows, is_ordered=is_ordered)


def order_dependence(solved: Sequence[Solved], facts: QueryFacts) -> Iterator[Finding]:
    """Yield the reason against a result that depends on the order in which rows are stored."""
    kinds = {each.variation.row_order for each in solved}
    names = [each.dataset.name for each in solved if each.variation.row_order in _DEPENDENT]
    if names:
        yield reason(FindingCode.NOT_REPEATABLE, names, cause=_order_cause(kinds, facts))


_DEPENDENT = ("rows", "sequence")


def _order_cause(kinds: Collection[str], facts: QueryFacts) -> Cause:
    if "rows" not in kinds:
        return Cause.ORDER_TIE
    parts = facts.order_dependent
    return Cause(parts[0]) if len(parts) == 1 else Cause.ROW_ORDER


def missing_order(
    check: SqlCheck, facts: QueryFacts, solved: Sequence[Solved]
) -> Iterator[Finding]:
    """Yield the reason against a solution without the order that the task asks for."""
    sentence = requested_order(check.text)
    has_several_rows = any(len(each.result.rows) > 1 for each in solved)
    if (check.ordered or sentence) and not facts.is_ordered and has_several_rows:
        yield reason(FindingCode.ORDER_MISSING, _quoted(sentence))


def _quoted(sentence: str) -> list[str]:
    return [f"“{sentence}”"] if sentence else []


def written_in(facts: QueryFacts, check: SqlCheck) -> Iterator[Finding]:
    """Yield the reasons against a query that does not answer from the tables."""
    if not facts.reads_tables:
        yield reason(FindingCode.READS_NO_TABLE)
    for dataset in check.datasets:
        cells = (cell for row in dataset.expected_rows for cell in row)
        texts = {cell for cell in cells if isinstance(cell, str)}
        stored = {text for text in texts if f"'{text}'" in dataset.seed_sql}
        if stored and stored <= set(facts.returned_literals):
            yield reason(FindingCode.ANSWER_WRITTEN_IN)
            return


def weak_datasets(
    check: SqlCheck, solved: Sequence[Solved], *, starter_passes: bool
) -> Iterator[Finding]:
    """Yield the reasons against datasets that expect too little or have no edge cases."""
    if starter_passes:
        yield reason(FindingCode.STARTER_PASSES)
    sentence = requested_order(check.text)
    has_several_rows = any(len(dataset.expected_rows) > 1 for dataset in check.datasets)
    if sentence and not check.ordered and has_several_rows:
        yield reason(FindingCode.ORDER_NOT_COMPARED, _quoted(sentence))
    if not any(dataset.expected_rows for dataset in check.datasets):
        yield reason(FindingCode.STUB_PASSES)
    results = [each.result for each in solved]
    if not any(r.edges or not r.rows or any(None in row for row in r.rows) for r in results):
        yield reason(FindingCode.NO_EDGE_ROWS)


def dialect_doubts(facts: QueryFacts) -> Iterator[Finding]:
    """Yield a doubt for each expression in text or lesson that belongs to another database."""
    for code, found in (
        (FindingCode.TEXT_USES_OTHER_DIALECT, facts.in_text),
        (FindingCode.LESSON_USES_OTHER_DIALECT, facts.in_lesson),
    ):
        yield from (doubt(code, **foreign._asdict()) for foreign in found)


def unfinished_orders(solved: Sequence[Solved]) -> Iterator[Finding]:
    """Yield the doubt that a result was not compared for every order of rows."""
    if any(each.variation.row_order == "not_finished" for each in solved):
        yield unfinished(Cause.ORDERS_LEFT)
