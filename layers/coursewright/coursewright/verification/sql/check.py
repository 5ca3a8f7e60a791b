"""Verifies an SQL draft: its query, its datasets, and whether the datasets really check it."""

from collections.abc import Iterator, Sequence
from typing import Literal

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import (
    Cause,
    Evidence,
    Failure,
    Finding,
    FindingCode,
    Mutants,
    RepairTarget,
    Verdict,
)
from coursewright.verification.check_request import Cell, SqlCheck
from coursewright.verification.rejections import doubt, reason
from coursewright.verification.sandbox.answer import Reply, Status
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.mutation_score import (
    QueryFacts,
    count_mutants,
    read_query,
    too_weak,
)
from coursewright.verification.sql.row_equality import missing_rows, same_rows

MIN_DATASETS = 2
ROWS_SHOWN = 3

Order = Literal["as_given", "reversed", "shuffled"]
Stage = Literal["schema", "seed", "query"]
Problem = Literal["not_allowed", "timed_out", "out_of_memory", "failed"]

STAGE_REASONS: dict[Stage, FindingCode] = {
    "schema": FindingCode.SCHEMA_DOES_NOT_LOAD,
    "seed": FindingCode.DATASET_DOES_NOT_LOAD,
    "query": FindingCode.SOLUTION_DOES_NOT_LOAD,
}
PROBLEM_REASONS: dict[Problem, FindingCode] = {
    "not_allowed": FindingCode.SQL_NOT_ALLOWED,
    "timed_out": FindingCode.TIMED_OUT,
    "out_of_memory": FindingCode.OUT_OF_MEMORY,
}
STAGE_FAULTS: dict[Stage, RepairTarget] = {
    "schema": RepairTarget.NONE,  # part of the task's text, which no agent repairs
    "seed": RepairTarget.TESTS,
    "query": RepairTarget.SOLUTION,
}


class Result(Reply):
    """The result of one query on one dataset, or the problem that stopped it."""

    stage: Stage
    problem: Problem | None
    message: str
    columns: list[str]
    rows: list[list[Cell]]
    edges: list[str]


def check_sql(check: SqlCheck, sandbox: Sandbox) -> Evidence:
    """Run every check on an SQL draft and return the evidence."""
    if not check.solution.strip():
        return _rejected(RepairTarget.SOLUTION, reason(FindingCode.NO_QUERY))
    if len({dataset.seed_sql.strip() for dataset in check.datasets}) < MIN_DATASETS:
        return _rejected(RepairTarget.TESTS, reason(FindingCode.TOO_FEW_DATASETS))
    solved: list[Result] = []
    for dataset in check.datasets:
        result = _query(check, dataset, check.solution, sandbox)
        if result.problem is not None:
            return _stopped(check, result, result.problem, dataset, sandbox)
        solved.append(result)
    if not any(result.columns for result in solved):
        return _rejected(RepairTarget.SOLUTION, reason(FindingCode.NO_QUERY))
    return _weigh(check, sandbox, solved)


def _weigh(check: SqlCheck, sandbox: Sandbox, solved: Sequence[Result]) -> Evidence:
    facts = read_query(check, sandbox)
    asks_order = check.ordered
    # Without an ORDER BY there is no order to compare.
    check = check.model_copy(update={"ordered": check.ordered and facts.is_ordered})
    pairs = list(zip(check.datasets, solved, strict=True))
    failures = [f for dataset, result in pairs for f in _differences(dataset, result, check)]
    is_repeatable = not facts.uses_current_time and all(
        _is_steady(check, *pair, sandbox) for pair in pairs
    )
    starter_passes = _all_right(check, check.starter, sandbox)
    against_solution = [
        *_wrong(pairs, check),
        *([] if is_repeatable else [_not_repeatable(facts)]),
        *([reason(FindingCode.ORDER_MISSING)] if asks_order and _lacks_order(facts, pairs) else []),
        *([] if facts.reads_tables else [reason(FindingCode.READS_NO_TABLE)]),
        *([reason(FindingCode.ANSWER_WRITTEN_IN)] if _is_written_in(facts, check) else []),
    ]
    against_tests = [
        *([reason(FindingCode.STARTER_PASSES)] if starter_passes else []),
        *([reason(FindingCode.STUB_PASSES)] if _expects_nothing(check) else []),
        *([] if _has_edges(pairs) else [reason(FindingCode.NO_EDGE_ROWS)]),
    ]
    # Mutants are expensive, so they are tried only if there is nothing else against the draft.
    is_right = not check.reference and not against_solution + against_tests
    mutants = count_mutants(check, facts, sandbox) if is_right else Mutants()
    against_tests += too_weak(mutants)
    reasons = [*against_solution, *against_tests]
    return Evidence(
        verdict=Verdict.REJECTED if reasons else Verdict.VERIFIED,
        reasons=tuple(reasons),
        solution_passes=not failures,
        starter_fails=not starter_passes,
        tests_run=len(solved),
        mutants=mutants,
        repeatable=is_repeatable,
        failures=tuple(failures),
        fault=_fault(against_solution, against_tests),
        doubts=_dialect_doubts(facts),
    )


def _dialect_doubts(facts: QueryFacts) -> tuple[Finding, ...]:
    """Return a doubt for each expression in the text or lesson that belongs to another database."""
    return tuple(
        doubt(code, **foreign._asdict())
        for code, found in (
            (FindingCode.TEXT_USES_OTHER_DIALECT, facts.in_text),
            (FindingCode.LESSON_USES_OTHER_DIALECT, facts.in_lesson),
        )
        for foreign in found
    )


def _not_repeatable(facts: QueryFacts) -> Finding:
    return reason(
        FindingCode.NOT_REPEATABLE, cause=Cause.CURRENT_TIME if facts.uses_current_time else ""
    )


def _lacks_order(facts: QueryFacts, pairs: Sequence[tuple[Dataset, Result]]) -> bool:
    """Return whether there are several rows but the query does not order them."""
    return not facts.is_ordered and any(len(result.rows) > 1 for _, result in pairs)


def _is_written_in(facts: QueryFacts, check: SqlCheck) -> bool:
    """Return whether a query contains texts that it should read from the tables."""
    for dataset in check.datasets:
        cells = (cell for row in dataset.expected_rows for cell in row)
        texts = {cell for cell in cells if isinstance(cell, str)}
        stored = {text for text in texts if f"'{text}'" in dataset.seed_sql}
        if stored and stored <= set(facts.returned_literals):
            return True
    return False


def _has_edges(pairs: Sequence[tuple[Dataset, Result]]) -> bool:
    return any(
        result.edges or not result.rows or any(None in row for row in result.rows)
        for _, result in pairs
    )


def _query(
    check: SqlCheck, dataset: Dataset, query: str, sandbox: Sandbox, order: Order = "as_given"
) -> Result:
    payload = {
        "schema_sql": check.schema_sql,
        "seed_sql": dataset.seed_sql,
        "query": query,
        "order": order,
        "seconds": sandbox.limits.seconds,
    }
    answer = sandbox.ask("query", payload, Result)
    problems: dict[Status, Problem] = {
        Status.TIMED_OUT: "timed_out",
        Status.OUT_OF_MEMORY: "out_of_memory",
    }
    if answer.value:
        return answer.value
    problem = problems.get(answer.status, "failed")
    return Result(
        nonce="",
        stage="query",
        problem=problem,
        message="",
        columns=[],
        rows=[],
        edges=[],
    )


def _stopped(
    check: SqlCheck, result: Result, problem: Problem, dataset: Dataset, sandbox: Sandbox
) -> Evidence:
    fault = STAGE_FAULTS[result.stage]
    where, error = [dataset.name], result.message
    failures = [Failure(test=dataset.name, message=error)] if error else []
    sql = {"schema": check.schema_sql, "seed": dataset.seed_sql, "query": check.solution}
    read = read_query(check, sandbox, sql=sql[result.stage])
    if problem != "timed_out" and read.differences:
        foreign = (
            reason(FindingCode.OTHER_DIALECT, where, error=error, **each._asdict())
            for each in read.differences
        )
        return _rejected(fault, *foreign, failures=failures)
    code = PROBLEM_REASONS.get(problem, STAGE_REASONS[result.stage])
    cause = "" if error else Cause.DATABASE_STOPPED
    return _rejected(fault, reason(code, where, error=error, cause=cause), failures=failures)


def _rejected(fault: RepairTarget, *reasons: Finding, failures: Sequence[Failure] = ()) -> Evidence:
    return Evidence(
        verdict=Verdict.REJECTED, reasons=reasons, failures=tuple(failures), fault=fault
    )


def _wrong(pairs: Sequence[tuple[Dataset, Result]], check: SqlCheck) -> list[Finding]:
    columns = [d.name for d, result in pairs if not _same_columns(d, result)]
    rows = [
        d.name
        for d, result in pairs
        if not same_rows(d.expected_rows, result.rows, is_ordered=check.ordered)
    ]
    return [
        *([reason(FindingCode.WRONG_COLUMNS, columns)] if columns else []),
        *([reason(FindingCode.WRONG_ROWS, rows)] if rows else []),
    ]


def _differences(dataset: Dataset, result: Result, check: SqlCheck) -> Iterator[Failure]:
    if not _same_columns(dataset, result):
        expected = list(dataset.expected_columns)
        message = f"columns {expected} expected, {result.columns} returned"
        yield Failure(test=dataset.name, message=message[:600])
    if not same_rows(dataset.expected_rows, result.rows, is_ordered=check.ordered):
        lacking = missing_rows(dataset.expected_rows, result.rows)
        surplus = missing_rows(result.rows, dataset.expected_rows)
        message = (
            f"{len(dataset.expected_rows)} rows expected, {len(result.rows)} returned; "
            f"not returned: {lacking[:ROWS_SHOWN]}; not expected: {surplus[:ROWS_SHOWN]}"
        )
        seed = " ".join(dataset.seed_sql.split()) or "no rows at all"
        yield Failure(test=dataset.name, message=f"{message[:350]}\nwith {seed}"[:600])


def _is_steady(check: SqlCheck, dataset: Dataset, first: Result, sandbox: Sandbox) -> bool:
    """Return whether the query returns the same rows for other insertion orders."""
    orders: tuple[Order, ...] = ("reversed", "shuffled")
    again = (_query(check, dataset, check.solution, sandbox, order) for order in orders)
    return all(
        r.problem is None and same_rows(first.rows, r.rows, is_ordered=check.ordered) for r in again
    )


def _all_right(check: SqlCheck, query: str, sandbox: Sandbox) -> bool:
    results = ((dataset, _query(check, dataset, query, sandbox)) for dataset in check.datasets)
    return all(
        result.problem is None
        and _same_columns(dataset, result)
        and same_rows(dataset.expected_rows, result.rows, is_ordered=check.ordered)
        for dataset, result in results
    )


def _expects_nothing(check: SqlCheck) -> bool:
    return not any(dataset.expected_rows for dataset in check.datasets)


def _fault(against_solution: Sequence[Finding], against_tests: Sequence[Finding]) -> RepairTarget:
    if against_tests:
        return RepairTarget.TESTS
    return RepairTarget.SOLUTION if against_solution else RepairTarget.NONE


def _same_columns(dataset: Dataset, result: Result) -> bool:
    expected = [column.casefold() for column in dataset.expected_columns]
    return expected == [column.casefold() for column in result.columns]
