"""Checks that results come from the tests: a test must fail if its expected value is wrong.

Code under test shares an interpreter with the tests and could forge any result there. A reported
result therefore proves nothing by itself; what counts is whether results reflect changes made to
the tests in secret, outside the sandbox.
"""

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from coursewright.domain.base import Record
from coursewright.domain.evidence import Cause, Finding, FindingCode
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.conditions import FOR_MUTATED_VALUES
from coursewright.verification.python.mutation_score import make_mutants, mutant_fuel
from coursewright.verification.python.results import (
    TestRunResult,
    repeat_fuel,
    run_tests,
)
from coursewright.verification.rejections import reason, unfinished
from coursewright.verification.sandbox.answer import Reply, Status, UntrustedRecord
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Sandbox

INCOMPLETE_CAUSES = {
    Status.TIMED_OUT: Cause.NEGATED_TIMED_OUT,
    Status.OUT_OF_MEMORY: Cause.NEGATED_OUT_OF_MEMORY,
    Status.ENDED_EARLY: Cause.NEGATED_ENDED_EARLY,
}
# Expected values are mutated in pairs of runs that complement each other: whichever result is
# forged, its test is mutated in one of them. Each function with a mutable assertion also adds one
# random bit per run; code that forges results by guessing has a 2^-8 chance of success.
MIN_RANDOM_BITS = 8
MAX_PAIRS = 3
# If running all negated tests takes more than this, a sample of them is run instead.
NEGATION_FUEL = 40_000_000_000
MAX_SINGLE_NEGATIONS = 6


class NegatedTest(UntrustedRecord):
    """A copy of a test with one negated assertion, which may have several negations."""

    test: str
    label: str
    number: int


class NegatedTests(Reply):
    """Tests with negated assertions, and which assertion each test negates."""

    source: str
    negated_tests: dict[str, NegatedTest]
    without_assertions: list[str]


class MutatedAssertion(UntrustedRecord):
    """The tests that run a mutated assertion; at least one of them must fail."""

    tests: list[str]
    label: str


class ValueMutation(UntrustedRecord):
    """One secret mutation of the tests, and the failures that it must cause."""

    source: str
    must_fail: list[MutatedAssertion]
    mutable_functions: int


class ValueMutations(Reply):
    """Several secret mutations of the same tests."""

    mutations: list[ValueMutation]


class CheatFindings(Record):
    """The reasons against the tests, and what could not be checked."""

    reasons: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


class _NegationResult(Record):
    """The tests that noticed each negated assertion, and the reasons against the others."""

    detected: Mapping[str, frozenset[str]] = {}
    reasons: tuple[Finding, ...] = ()
    timed_out: bool = False


def detect_cheating(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, passes_on_stub: set[str], fuel: int
) -> CheatFindings:
    """Negate assertions and mutate expected values; check that the results change accordingly.

    `fuel` is what the tests use on the solution.
    """
    negated = _make_negated_tests(check, sandbox)
    if negated is None:
        return _rejected(reason(FindingCode.TESTS_CANNOT_BE_NEGATED))
    without = {_without_module(test) for test in passes_on_stub} & set(negated.without_assertions)
    if idle := _tests_killing_no_mutant(check, sandbox, without, fuel):
        return _rejected(reason(FindingCode.TESTS_ASSERT_NOTHING, sorted(idle)))
    result = _run_negated_tests(check, sandbox, negated, NEGATION_FUEL)
    is_sample = result.timed_out
    if is_sample:
        result = _run_sampled_negations(check, sandbox, mutant_fuel(fuel))
    if result.reasons:
        return _rejected(*result.reasons)
    if not result.detected:
        return _rejected(reason(FindingCode.TESTS_CANNOT_BE_NEGATED, cause=Cause.NO_ASSERTIONS))
    doubts = (unfinished(Cause.ASSERTIONS_LEFT),) if is_sample else ()
    reasons = _run_value_mutations(check, sandbox, tests, result.detected, fuel)
    return CheatFindings(reasons=tuple(reasons), doubts=doubts)


def _rejected(*reasons: Finding) -> CheatFindings:
    return CheatFindings(reasons=reasons)


def _make_negated_tests(
    check: PythonCheck, sandbox: Sandbox, sample: tuple[int, int] = (0, 0)
) -> NegatedTests | None:
    payload = {"source": check.tests, "secret": secrets.token_hex(4), "sample": sample}
    return sandbox.ask("negate", payload, NegatedTests).value


def _tests_killing_no_mutant(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], fuel: int
) -> set[str]:
    """Return the tests, among those given, that pass on every mutant.

    A test without assertions may still check that a call raises no error; such a test kills a
    mutant that raises one.
    """
    idle = tests
    for mutant in make_mutants(check, sandbox) if tests else ():
        run = run_tests(check, mutant.source, sandbox, max_fuel=mutant_fuel(fuel))
        sandbox.budget.charge(run.fuel)
        idle = idle - {_without_module(failure.test) for failure in run.failures}
        if not idle or sandbox.budget.is_spent:
            break
    return idle


def _run_negated_tests(
    check: PythonCheck, sandbox: Sandbox, negated: NegatedTests, max_fuel: int
) -> _NegationResult:
    """Run the negated tests; an assertion that passes when negated asserts nothing."""
    if not negated.negated_tests:
        return _NegationResult()
    negated_check = check.model_copy(update={"tests": negated.source})
    run = run_tests(negated_check, check.solution, sandbox, max_fuel=max_fuel)
    sandbox.budget.charge(run.fuel)
    if not run.is_complete:
        is_late = run.status is Status.TIMED_OUT
        return _NegationResult(reasons=(_incomplete_run_reason(run),), timed_out=is_late)
    failed = {_method(failure.test) for failure in run.failures}
    ran = {_method(test) for test in run.ran}
    groups: dict[int, list[tuple[str, NegatedTest]]] = {}
    for name, negation in negated.negated_tests.items():
        groups.setdefault(negation.number, []).append((name, negation))
    idle, detected = [], dict[str, frozenset[str]]()
    for group in groups.values():
        label = group[0][1].label
        noticed = {negation.test for name, negation in group if name in failed}
        if not noticed and any(name in ran for name, _ in group):
            idle.append(label)
        if noticed:
            detected[label] = detected.get(label, frozenset()) | noticed
    reasons = (reason(FindingCode.TESTS_ASSERT_NOTHING, dict.fromkeys(idle)),) if idle else ()
    return _NegationResult(detected=detected, reasons=reasons)


def _run_sampled_negations(check: PythonCheck, sandbox: Sandbox, max_fuel: int) -> _NegationResult:
    """Negate a sample of slow tests' assertions, each in its own run."""

    def run_sample(index: int) -> _NegationResult:
        negated = _make_negated_tests(check, sandbox, (index, MAX_SINGLE_NEGATIONS))
        if negated is None:
            return _NegationResult(reasons=(reason(FindingCode.TESTS_CANNOT_BE_NEGATED),))
        return _run_negated_tests(check, sandbox, negated, max_fuel)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        results = list(pool.map(run_sample, range(MAX_SINGLE_NEGATIONS)))
    detected = {label: tests for r in results for label, tests in r.detected.items()}
    reasons = next((result.reasons for result in results if result.reasons), ())
    return _NegationResult(detected=detected, reasons=reasons)


def _incomplete_run_reason(run: TestRunResult) -> Finding:
    if run.status is Status.FINISHED:
        return reason(FindingCode.RESULTS_FORGED, cause=Cause.NEGATED_TESTS_STOPPED)
    return reason(FindingCode.TESTS_CANNOT_BE_NEGATED, cause=INCOMPLETE_CAUSES[run.status])


def _run_value_mutations(
    check: PythonCheck,
    sandbox: Sandbox,
    tests: set[str],
    detected: Mapping[str, frozenset[str]],
    fuel: int,
) -> list[Finding]:
    mutations = _make_value_mutations(check, sandbox, sorted(detected))
    if mutations is None:
        return [reason(FindingCode.TESTS_CANNOT_BE_NEGATED)]
    max_fuel = repeat_fuel(fuel, sandbox)

    def run_mutation(mutation: ValueMutation, number: int) -> list[Finding]:
        mutated = check.model_copy(update={"tests": mutation.source})
        conditions = FOR_MUTATED_VALUES[number % len(FOR_MUTATED_VALUES)]
        run = run_tests(mutated, check.solution, sandbox, conditions=conditions, max_fuel=max_fuel)
        sandbox.budget.charge(run.fuel)
        return _reasons_from_mutation(mutation, run, tests, detected)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        results = list(pool.map(run_mutation, mutations, range(len(mutations))))
    return next((reasons for reasons in results if reasons), [])


def _make_value_mutations(
    check: PythonCheck, sandbox: Sandbox, labels: list[str]
) -> list[ValueMutation] | None:
    payload = {
        "source": check.tests,
        "labels": labels,
        "seeds": [secrets.randbits(64) for _ in range(MAX_PAIRS)],
    }
    made = sandbox.ask("mutate_expected", payload, ValueMutations).value
    if made is None or not made.mutations:
        return None
    bits = max(mutation.mutable_functions for mutation in made.mutations)
    pairs = min(MAX_PAIRS, -(-MIN_RANDOM_BITS // (2 * bits))) if bits else 1
    return sorted(made.mutations[: 2 * pairs], key=lambda _: secrets.randbits(64))


def _reasons_from_mutation(
    mutation: ValueMutation,
    run: TestRunResult,
    tests: set[str],
    detected: Mapping[str, frozenset[str]],
) -> list[Finding]:
    """Return the reasons if the failed tests are not those whose assertions were mutated."""
    if not run.is_complete:
        return [_incomplete_run_reason(run)]
    failed = {failure.test for failure in run.failures}
    affected: set[str] = set()
    for mutated in mutation.must_fail:
        affected |= _matching_tests(list(mutated.tests), tests)[1]
        for test in detected.get(mutated.label, frozenset()) & set(mutated.tests):
            exact, namesakes = _matching_tests([test], tests)
            if (exact or namesakes) and not (exact or namesakes) & failed:
                return [reason(FindingCode.RESULTS_FORGED, [mutated.label])]
    dependent = sorted(map(_without_module, (tests - affected) & failed))
    if dependent:
        cause = Cause.ANOTHER_TEST_FAILS
        return [reason(FindingCode.TESTS_DEPEND_ON_EACH_OTHER, dependent, cause=cause)]
    return []


def _matching_tests(names: list[str], tests: set[str]) -> tuple[set[str], set[str]]:
    """Return the tests with exactly these names, and those that may inherit their methods."""
    exact = {test for test in tests if _without_module(test) in names}
    methods = {_method(name) for name in names}
    return exact, {test for test in tests if _method(test) in methods}


def _without_module(test: str) -> str:
    return test.partition(".")[2]


def _method(test: str) -> str:
    return test.rpartition(".")[2]
