"""Verifies an SQL draft: its query, its datasets, and whether the datasets really check it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from coursewright.domain.evidence import (
    Cause,
    Evidence,
    Finding,
    FindingCode,
    Mutants,
    RepairTarget,
    Verdict,
)
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.rejections import reason, unfinished
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql import findings
from coursewright.verification.sql.findings import Solved
from coursewright.verification.sql.mutation_score import mutants_of, mutation_doubts, too_weak
from coursewright.verification.sql.portability_doubts import portability_doubts
from coursewright.verification.sql.replies import (
    DatasetResult,
    QueryFacts,
    Stage,
    Variation,
)
from coursewright.verification.sql.runner import Runner

MIN_DATASETS = 2
UNKNOWN_NAME = re.compile(r'no such column: "?([^"]+)')


def check_sql(check: SqlCheck, sandbox: Sandbox) -> Evidence:
    """Run every check on an SQL draft and return the evidence.

    Raises: StepUnanswered or SandboxUnavailable.
    """
    if not check.solution.strip():
        return findings.rejected(RepairTarget.SOLUTION, reason(FindingCode.NO_QUERY))
    if len({dataset.seed_sql.strip() for dataset in check.datasets}) < MIN_DATASETS:
        return findings.rejected(RepairTarget.TESTS, reason(FindingCode.TOO_FEW_DATASETS))
    runner, results, quoted_text = _run_on_datasets(Runner(check, sandbox))
    last = results[-1]
    if last.problem is not None:
        facts = runner.facts(_statement(check, last.stage, len(results) - 1))
        where = check.datasets[len(results) - 1].name
        return findings.stopped(last, last.problem, where, facts)
    if not any(result.columns for result in results):
        return findings.rejected(RepairTarget.SOLUTION, reason(FindingCode.NO_QUERY))
    return _weigh(runner, results, quoted_text)


def _run_on_datasets(runner: Runner) -> tuple[Runner, list[DatasetResult], str]:
    """Return the results up to the first problem, and the text in double quotes, if any."""
    results = _results(runner)
    unknown = UNKNOWN_NAME.match(results[-1].message)
    statement = _statement(runner.check, results[-1].stage, len(results) - 1)
    if unknown and f'"{unknown[1]}"' in statement:
        lenient = replace(runner, allows_quoted_text=True)
        again = _results(lenient)
        if again[-1].problem is None:
            return lenient, again, f'"{unknown[1]}"'
    return runner, results, ""


def _results(runner: Runner) -> list[DatasetResult]:
    results: list[DatasetResult] = []
    for dataset in runner.check.datasets:
        results.append(runner.query(dataset, runner.check.solution))
        if results[-1].problem is not None:
            break
    return results


def _statement(check: SqlCheck, stage: Stage, index: int) -> str:
    statements: dict[Stage, str] = {
        "schema": check.schema_sql,
        "seed": check.datasets[index].seed_sql,
        "query": check.solution,
    }
    return statements[stage]


def _weigh(runner: Runner, results: Sequence[DatasetResult], quoted_text: str) -> Evidence:
    check, facts = runner.check, runner.facts()
    # Without an ORDER BY there is no order to compare.
    is_ordered = check.ordered and facts.is_ordered
    solved = _solved(runner, results, is_ordered=is_ordered)
    starter_passes = _passes(runner, check.starter, is_ordered=is_ordered)
    unstable = list(findings.order_dependence(solved, facts))
    against_solution = [*unstable, *_against_solution(check, facts, solved)]
    against_tests = list(findings.weak_datasets(check, solved, starter_passes=starter_passes))
    # Mutants are expensive, so they are tried only if there is nothing else against the draft.
    is_right = not check.reference and not against_solution + against_tests
    run = runner.mutate(facts, is_ordered=is_ordered) if is_right else None
    mutants = mutants_of(run) if run else Mutants()
    against_tests += too_weak(mutants)
    failures = tuple(findings.failures(solved, is_ordered=is_ordered))
    doubts = _doubts(check, facts, solved, quoted_text)
    return Evidence(
        verdict=Verdict.REJECTED if against_solution or against_tests else Verdict.VERIFIED,
        reasons=(*against_solution, *against_tests),
        doubts=(*(mutation_doubts(run) if run and facts.is_understood else ()), *doubts),
        fault=_fault(against_solution, against_tests),
        solution_passes=not failures,
        starter_fails=not starter_passes,
        tests_run=len(solved),
        mutants=mutants,
        repeatable=not unstable,
        failures=failures,
    )


def _against_solution(
    check: SqlCheck, facts: QueryFacts, solved: Sequence[Solved]
) -> Iterator[Finding]:
    is_ordered = check.ordered and facts.is_ordered
    yield from findings.wrong_results(solved, is_ordered=is_ordered)
    yield from findings.missing_order(check, facts, solved)
    yield from findings.written_in(facts, check)


def _doubts(
    check: SqlCheck, facts: QueryFacts, solved: Sequence[Solved], quoted_text: str
) -> Iterator[Finding]:
    variations = [each.variation for each in solved]
    if not facts.is_understood:
        yield unfinished(Cause.QUERY_NOT_READ)
    yield from findings.unfinished_orders(solved)
    yield from portability_doubts(facts, variations, quoted_text=quoted_text, text=check.text)
    yield from findings.dialect_doubts(facts)


def _solved(runner: Runner, results: Sequence[DatasetResult], *, is_ordered: bool) -> list[Solved]:
    return [
        Solved(dataset, result, runner.vary(dataset, is_ordered=is_ordered))
        for dataset, result in zip(runner.check.datasets, results, strict=True)
    ]


def _passes(runner: Runner, query: str, *, is_ordered: bool) -> bool:
    """Return whether a query returns the expected columns and rows on every dataset."""
    for dataset in runner.check.datasets:
        result = runner.query(dataset, query)
        solved = Solved(dataset, result, Variation(nonce="", row_order=""))
        if result.problem is not None or not findings.same_columns(solved):
            return False
        if not findings.has_expected_rows(solved, is_ordered=is_ordered):
            return False
    return True


def _fault(against_solution: Sequence[Finding], against_tests: Sequence[Finding]) -> RepairTarget:
    if against_tests:
        return RepairTarget.TESTS
    return RepairTarget.SOLUTION if against_solution else RepairTarget.NONE
