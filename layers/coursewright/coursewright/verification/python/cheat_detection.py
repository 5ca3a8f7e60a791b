"""Checks that results come from the tests: a test must fail if its expected value is wrong.

Code under test shares an interpreter with the tests and could forge any result there. A reported
result therefore proves nothing by itself; what counts is whether results reflect changes made to
the tests in secret, outside the sandbox.
"""

import secrets
from concurrent.futures import ThreadPoolExecutor

from coursewright.domain.base import Record
from coursewright.domain.evidence import Cause, Finding, FindingCode
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.mutation_score import make_mutants, mutant_fuel
from coursewright.verification.python.results import (
    SEEDS,
    TestRunResult,
    reorder_sets,
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
# Each function whose assertions can be mutated adds one random bit per run; code that forges
# results by guessing has a 2^-8 chance of success.
MIN_RANDOM_BITS = 8
MIN_MUTATED_RUNS, MAX_MUTATED_RUNS = 2, 6
# If running all negated tests takes more than this, a sample of them is run instead.
NEGATION_FUEL = 40_000_000_000
MAX_SINGLE_NEGATIONS = 6


class NegatedTests(Reply):
    """Tests with negated assertions, and which assertion each test negates."""

    source: str
    negated_tests: dict[str, str]
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
    """The assertions that failed when negated, and the reasons against the others."""

    detected: frozenset[str] = frozenset()
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
    mutated = _run_value_mutations(check, sandbox, tests, result.detected, fuel)
    return CheatFindings(reasons=mutated.reasons, doubts=doubts + mutated.doubts)


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
        run = run_tests(check, mutant.source, sandbox, seed=SEEDS[0], max_fuel=mutant_fuel(fuel))
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
    run = run_tests(negated_check, check.solution, sandbox, seed=SEEDS[0], max_fuel=max_fuel)
    sandbox.budget.charge(run.fuel)
    if not run.is_complete:
        is_late = run.status is Status.TIMED_OUT
        return _NegationResult(reasons=(_incomplete_run_reason(run),), timed_out=is_late)
    failed = {_method(failure.test) for failure in run.failures}
    ran = {_method(test) for test in run.ran}
    groups: dict[str, set[str]] = {}
    for name, negation in negated.negated_tests.items():
        groups.setdefault(negation, set()).add(name)
    idle = [
        _label(negation) for negation, names in groups.items() if names & ran and not names & failed
    ]
    detected = frozenset(_label(negation) for negation, names in groups.items() if names & failed)
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
    detected = frozenset[str]().union(*(result.detected for result in results))
    reasons = next((result.reasons for result in results if result.reasons), ())
    return _NegationResult(detected=detected, reasons=reasons)


def _label(negation: str) -> str:
    """Return the assertion's label without the number of the negation."""
    return negation.partition("#")[0]


def _incomplete_run_reason(run: TestRunResult) -> Finding:
    if run.status is Status.FINISHED:
        return reason(FindingCode.RESULTS_FORGED, cause=Cause.NEGATED_TESTS_STOPPED)
    return reason(FindingCode.TESTS_CANNOT_BE_NEGATED, cause=INCOMPLETE_CAUSES[run.status])


def _run_value_mutations(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], labels: frozenset[str], fuel: int
) -> CheatFindings:
    mutations = _make_value_mutations(check, sandbox, labels)
    if mutations is None:
        return _rejected(reason(FindingCode.TESTS_CANNOT_BE_NEGATED))
    sources = [check.solution, *(mutation.source for mutation in mutations)]
    reordered = reorder_sets(sources, sandbox)
    solution, *mutated_tests = reordered or sources
    doubts = () if reordered else (unfinished(Cause.SETS_NOT_REORDERED),)
    max_fuel = repeat_fuel(fuel, sandbox)

    def run_mutation(mutation: ValueMutation, source: str, number: int) -> list[Finding]:
        mutated = check.model_copy(update={"tests": source})
        # Code under test must not be able to tell this run from a repeat: same seeds, same style.
        seed = SEEDS[1 + number % 2]
        run = run_tests(mutated, solution, sandbox, seed=seed, max_fuel=max_fuel)
        sandbox.budget.charge(run.fuel)
        return _reasons_from_mutation(mutation, run, tests)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        results = list(pool.map(run_mutation, mutations, mutated_tests, range(len(mutations))))
    reasons = next((found for found in results if found), [])
    return CheatFindings(reasons=tuple(reasons), doubts=doubts)


def _make_value_mutations(
    check: PythonCheck, sandbox: Sandbox, labels: frozenset[str]
) -> list[ValueMutation] | None:
    payload = {
        "source": check.tests,
        "labels": sorted(labels),
        "seeds": [secrets.randbits(64) for _ in range(MAX_MUTATED_RUNS)],
    }
    made = sandbox.ask("mutate_expected", payload, ValueMutations).value
    if made is None or not made.mutations:
        return None
    bits = max(mutation.mutable_functions for mutation in made.mutations)
    needed = -(-MIN_RANDOM_BITS // bits) if bits else 0
    runs = min(MAX_MUTATED_RUNS, max(MIN_MUTATED_RUNS, needed))
    return made.mutations[:runs]


def _reasons_from_mutation(
    mutation: ValueMutation, run: TestRunResult, tests: set[str]
) -> list[Finding]:
    if not run.is_complete:
        return [_incomplete_run_reason(run)]
    failed = {failure.test for failure in run.failures}
    affected: set[str] = set()
    for mutated in mutation.must_fail:
        exact, namesakes = _matching_tests(mutated.tests, tests)
        affected |= namesakes
        if (exact or namesakes) and not (exact or namesakes) & failed:
            return [reason(FindingCode.RESULTS_FORGED, [mutated.label])]
    dependent = sorted(map(_without_module, (tests - affected) & failed))
    if dependent:
        return [reason(FindingCode.TESTS_DEPEND_ON_EACH_OTHER, dependent)]
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
