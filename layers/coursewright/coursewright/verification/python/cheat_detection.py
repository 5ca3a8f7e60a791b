"""Proves that results come from the tests: they must fail wherever an expected value is wrong.

Code under test shares an interpreter with the tests and could forge any result from there. So no
result is believed for what it says, but for how it follows changes that are made in secret, here,
outside the sandbox.
"""

import secrets
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from pydantic import ValidationError

from coursewright.domain.base import Record
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.mutation_score import make_mutants
from coursewright.verification.python.results import (
    SEEDS,
    TestRunResult,
    UntrustedRecord,
    reorder_sets,
    run_tests,
)
from coursewright.verification.rejections import Reason, ReasonCode, reason
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Sandbox, Status

SHOWN = 5
# Each test that may be changed is one secret bit a run; a forger who guesses is right once in 2^8.
SECRET_BITS = 8
MIN_MUTATED_RUNS, MAX_MUTATED_RUNS = 2, 6
EXAMS_SECONDS = 4.0
NEGATION_SECONDS = 10.0
# So many single twins stand for all of them, where all together take too long.
MAX_SINGLE_NEGATIONS = 6


class NegatedTests(UntrustedRecord):
    """Tests with their assertions turned around, and where each comes from."""

    nonce: str
    source: str
    negated_tests: dict[str, str]
    silent: list[str]


class Altered(UntrustedRecord):
    """Tests of which one group must contain a failure now."""

    tests: list[str]
    label: str


class Exam(UntrustedRecord):
    """One secret variant of the tests and what must come of it."""

    source: str
    must_fail: list[Altered]
    could_change: int


class Exams(UntrustedRecord):
    """Several secret variants of the same tests."""

    nonce: str
    exams: list[Exam]


def detect_cheating(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, passes_on_stub: set[str]
) -> list[Reason]:
    """Turn assertions around and change expected values, and see whether the results follow."""
    made = _make_negated_tests(check, sandbox)
    if made is None:
        return [reason(ReasonCode.TESTS_CANNOT_BE_TURNED)]
    silent = {_short(test) for test in passes_on_stub} & set(made.silent)
    if idle := _notice_nothing(check, sandbox, silent):
        return [reason(ReasonCode.TESTS_ASSERT_NOTHING, "; ".join(sorted(idle)[:SHOWN]))]
    turned = _negate(check, sandbox, made)
    if turned.took_too_long:
        turned = _negate_some(check, sandbox)
    if turned.against:
        return list(turned.against)
    if not turned.moved:
        return [reason(ReasonCode.TESTS_CANNOT_BE_TURNED, "No assertion can be turned around.")]
    return _examine(check, sandbox, tests, turned.moved)


class _Turned(Record):
    """The assertions that noticed that they were turned, and what speaks against the others."""

    moved: frozenset[str] = frozenset()
    against: tuple[Reason, ...] = ()
    took_too_long: bool = False


def _make_negated_tests(
    check: PythonCheck, sandbox: Sandbox, share: tuple[int, int] = (0, 0)
) -> NegatedTests | None:
    payload = {"source": check.tests, "secret": secrets.token_hex(4), "share": share}
    answer, nonce = sandbox.run("negate", payload)
    try:
        made = NegatedTests.model_validate_json(answer.raw)
    except ValidationError:
        return None
    return made if made.nonce == nonce else None


def _notice_nothing(check: PythonCheck, sandbox: Sandbox, silent: set[str]) -> set[str]:
    """Name tests without any assertion that code without any work passes, and all else too.

    Some ask only that a call is not refused: these fail where a wrong variant refuses it.
    """
    for mutant in make_mutants(check, sandbox) if silent else ():
        run = run_tests(check, mutant.source, sandbox, seed=SEEDS[0])
        silent = silent - {_short(failure.test) for failure in run.failures}
        if not silent:
            break
    return silent


def _negate(check: PythonCheck, sandbox: Sandbox, made: NegatedTests) -> _Turned:
    """Run the twins: name the assertions that notice it, and speak against those that do not."""
    if not made.negated_tests:
        return _Turned()
    turned = check.model_copy(update={"tests": made.source})
    run = run_tests(
        turned, check.solution, sandbox, seed=SEEDS[0], timeout_seconds=NEGATION_SECONDS
    )
    if not run.is_complete:
        is_late = run.status is Status.TIMED_OUT
        return _Turned(against=(_unfinished(run),), took_too_long=is_late)
    failed = {_method(failure.test) for failure in run.failures}
    ran = {_method(test) for test in run.ran}
    groups: dict[str, set[str]] = {}
    for name, site in made.negated_tests.items():
        groups.setdefault(site, set()).add(name)
    idle = [_place(site) for site, names in groups.items() if names & ran and not names & failed]
    moved = frozenset(_place(site) for site, names in groups.items() if names & failed)
    shown = "; ".join(list(dict.fromkeys(idle))[:SHOWN])
    against = (reason(ReasonCode.TESTS_ASSERT_NOTHING, shown),) if idle else ()
    return _Turned(moved=moved, against=against)


def _negate_some(check: PythonCheck, sandbox: Sandbox) -> _Turned:
    """Turn single assertions of tests that take long, each in a run of its own."""

    deadline = monotonic() + NEGATION_SECONDS

    def turn_one(number: int) -> _Turned:
        if number >= MIN_MUTATED_RUNS and monotonic() > deadline:
            return _Turned(took_too_long=True)
        made = _make_negated_tests(check, sandbox, (number, MAX_SINGLE_NEGATIONS))
        return _negate(check, sandbox, made) if made else _Turned(took_too_long=True)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        single = list(pool.map(turn_one, range(MAX_SINGLE_NEGATIONS)))
    ended = [turned for turned in single if not turned.took_too_long]
    if not ended:
        return _Turned(against=single[0].against)
    moved = frozenset[str]().union(*(turned.moved for turned in ended))
    return _Turned(moved=moved, against=next((t.against for t in ended if t.against), ()))


def _place(site: str) -> str:
    return site.partition("#")[0]


def _unfinished(run: TestRunResult) -> Reason:
    if run.status is Status.FINISHED:
        return reason(ReasonCode.RESULTS_FORGED, "Turned tests did not run to their end.")
    return reason(ReasonCode.TESTS_CANNOT_BE_TURNED, f"Turned around, they ended: {run.status}.")


def _examine(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], moved: frozenset[str]
) -> list[Reason]:
    exams = _make_exams(check, sandbox, moved)
    if exams is None:
        return [reason(ReasonCode.TESTS_CANNOT_BE_TURNED)]
    solution, *sources = reorder_sets([check.solution, *(e.source for e in exams)], sandbox)
    deadline = monotonic() + EXAMS_SECONDS

    def sit(exam: Exam, source: str, number: int) -> list[Reason]:
        if number >= MIN_MUTATED_RUNS and monotonic() > deadline:
            return []
        examined = check.model_copy(update={"tests": source})
        # Seen from within, an exam must look like a repeat: same seeds, same style of source.
        seed = SEEDS[1 + number % 2]
        return _judge(exam, run_tests(examined, solution, sandbox, seed=seed), tests)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        results = list(pool.map(sit, exams, sources, range(len(exams))))
    return next((result for result in results if result), [])


def _make_exams(check: PythonCheck, sandbox: Sandbox, moved: frozenset[str]) -> list[Exam] | None:
    payload = {
        "source": check.tests,
        "places": sorted(moved),
        "seeds": [secrets.randbits(64) for _ in range(MAX_MUTATED_RUNS)],
    }
    answer, nonce = sandbox.run("examine", payload)
    try:
        made = Exams.model_validate_json(answer.raw)
    except ValidationError:
        return None
    bits = max((exam.could_change for exam in made.exams), default=0)
    needed = -(-SECRET_BITS // bits) if bits else 0
    wanted = min(MAX_MUTATED_RUNS, max(MIN_MUTATED_RUNS, needed))
    return made.exams[:wanted] if made.nonce == nonce else None


def _judge(exam: Exam, run: TestRunResult, tests: set[str]) -> list[Reason]:
    if not run.is_complete:
        return [_unfinished(run)]
    failed = {failure.test for failure in run.failures}
    touched: set[str] = set()
    for altered in exam.must_fail:
        exact, alike = _runs_of(altered.tests, tests)
        touched |= alike
        if (exact or alike) and not (exact or alike) & failed:
            return [reason(ReasonCode.RESULTS_FORGED, altered.label)]
    disturbed = sorted(map(_short, (tests - touched) & failed))
    if disturbed:
        return [reason(ReasonCode.TESTS_DEPEND_ON_EACH_OTHER, "; ".join(disturbed[:SHOWN]))]
    return []


def _runs_of(names: list[str], tests: set[str]) -> tuple[set[str], set[str]]:
    """Find the tests that run what stands under a name: itself, and what inherits it."""
    exact = {test for test in tests if _short(test) in names}
    methods = {_method(name) for name in names}
    return exact, {test for test in tests if _method(test) in methods}


def _short(test: str) -> str:
    """Leave out the module."""
    return test.partition(".")[2]


def _method(test: str) -> str:
    return test.rpartition(".")[2]
