"""Decides whether an SQL draft is what it claims to be."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import ValidationError

from coursewright.verification.contract import (
    Cell,
    Dataset,
    Evidence,
    Failure,
    Fault,
    Frozen,
    Mutants,
    Reason,
    ReasonCode,
    SqlCheck,
    Verdict,
    reason,
)
from coursewright.verification.sandbox import Sandbox, Status

MIN_DATASETS = 2
ROWS_SHOWN = 3
EXACT_INTEGERS = 2**53

Order = Literal["as_given", "reversed", "shuffled"]
Stage = Literal["schema", "seed", "query"]
Problem = Literal["not_allowed", "timed_out", "out_of_memory", "failed"]

STAGE_REASONS: dict[Stage, ReasonCode] = {
    "schema": ReasonCode.SCHEMA_DOES_NOT_LOAD,
    "seed": ReasonCode.DATASET_DOES_NOT_LOAD,
    "query": ReasonCode.SOLUTION_DOES_NOT_LOAD,
}
PROBLEM_REASONS: dict[Problem, ReasonCode] = {
    "not_allowed": ReasonCode.SQL_NOT_ALLOWED,
    "timed_out": ReasonCode.TIMED_OUT,
    "out_of_memory": ReasonCode.OUT_OF_MEMORY,
}
STAGE_FAULTS: dict[Stage, Fault] = {
    "schema": Fault.STARTER,
    "seed": Fault.TESTS,
    "query": Fault.SOLUTION,
}


class Result(Frozen):
    """What one query gave on one dataset, or what stopped it."""

    nonce: str
    stage: Stage
    problem: Problem | None
    message: str
    columns: list[str]
    rows: list[list[Cell]]


def check_sql(check: SqlCheck, sandbox: Sandbox) -> Evidence:
    """Run an SQL draft through everything it must withstand."""
    if len({dataset.seed_sql.strip() for dataset in check.datasets}) < MIN_DATASETS:
        return _rejected(Fault.TESTS, reason(ReasonCode.TOO_FEW_DATASETS))
    solved: list[Result] = []
    for dataset in check.datasets:
        result = _query(check, dataset, check.solution, sandbox)
        if result.problem is not None:
            return _stopped(result, result.problem, dataset)
        solved.append(result)
    return _weigh(check, sandbox, solved)


def _weigh(check: SqlCheck, sandbox: Sandbox, solved: Sequence[Result]) -> Evidence:
    pairs = list(zip(check.datasets, solved, strict=True))
    failures = [f for dataset, result in pairs for f in _differences(dataset, result, check)]
    solution_passes = not failures
    is_repeatable = all(_is_steady(check, *pair, sandbox) for pair in pairs)
    starter_passes = _all_right(check, check.starter, sandbox)
    reasons = [
        *_wrong(pairs, check),
        *([] if is_repeatable else [reason(ReasonCode.NOT_REPEATABLE)]),
        *([reason(ReasonCode.STARTER_PASSES)] if starter_passes else []),
        *([reason(ReasonCode.STUB_PASSES)] if _expects_nothing(check) else []),
    ]
    return Evidence(
        verdict=Verdict.REJECTED if reasons else Verdict.VERIFIED,
        reasons=reasons,
        solution_passes=solution_passes,
        starter_fails=not starter_passes,
        tests_run=len(solved),
        mutants=Mutants(),
        repeatable=is_repeatable,
        failures=failures,
        fault=_fault(reasons),
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
    answer, nonce = sandbox.run("query", payload)
    problems: dict[Status, Problem] = {
        Status.TIMED_OUT: "timed_out",
        Status.OUT_OF_MEMORY: "out_of_memory",
    }
    if answer.status is Status.FINISHED:
        try:
            return Result.model_validate_json(answer.raw)
        except ValidationError:
            pass
    problem = problems.get(answer.status, "failed")
    message = "The query stopped the database."
    return Result(nonce=nonce, stage="query", problem=problem, message=message, columns=[], rows=[])


def _stopped(result: Result, problem: Problem, dataset: Dataset) -> Evidence:
    fault = STAGE_FAULTS[result.stage]
    code = PROBLEM_REASONS.get(problem, STAGE_REASONS[result.stage])
    failure = Failure(test=dataset.name, message=result.message)
    return _rejected(fault, reason(code, f"{dataset.name}: {result.message}"), failures=[failure])


def _rejected(fault: Fault, why: Reason, failures: Sequence[Failure] = ()) -> Evidence:
    return Evidence(verdict=Verdict.REJECTED, reasons=[why], failures=list(failures), fault=fault)


def _wrong(pairs: Sequence[tuple[Dataset, Result]], check: SqlCheck) -> list[Reason]:
    columns = [d.name for d, result in pairs if not _same_columns(d, result)]
    rows = [d.name for d, result in pairs if not _same_rows(d.expected_rows, result.rows, check)]
    return [
        *([reason(ReasonCode.WRONG_COLUMNS, ", ".join(columns))] if columns else []),
        *([reason(ReasonCode.WRONG_ROWS, ", ".join(rows))] if rows else []),
    ]


def _differences(dataset: Dataset, result: Result, check: SqlCheck) -> Iterator[Failure]:
    if not _same_columns(dataset, result):
        message = f"columns {dataset.expected_columns} expected, {result.columns} returned"
        yield Failure(test=dataset.name, message=message[:600])
    if not _same_rows(dataset.expected_rows, result.rows, check):
        lacking = _without(dataset.expected_rows, result.rows)
        surplus = _without(result.rows, dataset.expected_rows)
        message = (
            f"{len(dataset.expected_rows)} rows expected, {len(result.rows)} returned; "
            f"not returned: {lacking[:ROWS_SHOWN]}; not expected: {surplus[:ROWS_SHOWN]}"
        )
        yield Failure(test=dataset.name, message=message[:600])


def _is_steady(check: SqlCheck, dataset: Dataset, first: Result, sandbox: Sandbox) -> bool:
    """Ask again with the rows inserted in other orders."""
    orders: tuple[Order, ...] = ("reversed", "shuffled")
    again = (_query(check, dataset, check.solution, sandbox, order) for order in orders)
    return all(r.problem is None and _same_rows(first.rows, r.rows, check) for r in again)


def _all_right(check: SqlCheck, query: str, sandbox: Sandbox) -> bool:
    results = ((dataset, _query(check, dataset, query, sandbox)) for dataset in check.datasets)
    return all(
        result.problem is None
        and _same_columns(dataset, result)
        and _same_rows(dataset.expected_rows, result.rows, check)
        for dataset, result in results
    )


def _expects_nothing(check: SqlCheck) -> bool:
    return not any(dataset.expected_rows for dataset in check.datasets)


def _fault(reasons: Sequence[Reason]) -> Fault:
    codes = {found.code for found in reasons}
    if codes & {ReasonCode.STARTER_PASSES, ReasonCode.STUB_PASSES}:
        return Fault.TESTS
    return Fault.SOLUTION if codes else Fault.NONE


def _same_columns(dataset: Dataset, result: Result) -> bool:
    expected = [column.casefold() for column in dataset.expected_columns]
    return expected == [column.casefold() for column in result.columns]


def _same_rows(
    expected: Sequence[Sequence[Cell]], found: Sequence[Sequence[Cell]], check: SqlCheck
) -> bool:
    left, right = list(map(_comparable, expected)), list(map(_comparable, found))
    return left == right if check.ordered else sorted(left) == sorted(right)


def _without(rows: Sequence[Sequence[Cell]], others: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    seen = {_comparable(row) for row in others}
    return [list(row) for row in rows if _comparable(row) not in seen]


def _comparable(row: Sequence[Cell]) -> tuple[tuple[str, float, str], ...]:
    return tuple(map(_comparable_cell, row))


def _comparable_cell(cell: Cell) -> tuple[str, float, str]:
    """Make cells comparable: 2, 2.0 and TRUE for 1 are the same, NULL equals NULL."""
    if cell is None:
        return ("null", 0.0, "")
    if isinstance(cell, str):
        return ("text", 0.0, cell)
    if isinstance(cell, int) and abs(cell) >= EXACT_INTEGERS:
        return ("integer", 0.0, str(cell))
    return ("number", round(float(cell), 6) + 0.0, "")
