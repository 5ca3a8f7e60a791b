"""Measures the mutation score of a draft's tests, once the draft passes all other checks."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from pydantic import ValidationError

from coursewright.domain.base import Record
from coursewright.domain.evidence import Finding, FindingCode, Mutants
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.results import SEEDS, UntrustedRecord, run_tests
from coursewright.verification.rejections import reason
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Sandbox, Status, WorkerReply

MAX_MUTANTS = 24
MIN_MUTATION_SCORE = 0.8
# A mutant that loops is killed by a timeout, which should be shorter than the usual one.
MIN_MUTANT_SECONDS = 0.4
MAX_SLOWDOWN = 4
ALL_MUTANTS_SECONDS = 6.0
MAX_FUZZ_ROUNDS = 40
FUZZ_SECONDS = 0.5
ALL_FUZZING_SECONDS = 4.0


class MutationScore(Record):
    """The counted mutants, and the reasons against the tests."""

    mutants: Mutants = Mutants()
    reasons: tuple[Finding, ...] = ()


class Mutant(UntrustedRecord):
    """A variant of the solution with one mistake."""

    kind: str
    line: str
    diff: str
    source: str

    @property
    def change(self) -> str:
        """The mistake as a diff."""
        return f"line {self.line}:\n{self.diff}"


class MutantList(UntrustedRecord):
    """The mutants of one solution."""

    nonce: str
    mutants: list[Mutant]


class FuzzResult(UntrustedRecord):
    """A counterexample that proves a mutant wrong, if any, and the number of completed rounds."""

    nonce: str
    call: str
    counterexample: str
    rounds: int


class Behaviour(UntrustedRecord):
    """A digest of all of a mutant's results, on the original and on fuzzed values."""

    nonce: str
    digest: str


class TestedMutant(Record):
    """A mutant on which the tests ran; if it survived, a counterexample may expose the mistake."""

    mutant: Mutant
    is_killed: bool
    call: str = ""
    counterexample: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether the mutant is known to be wrong; otherwise it may be equivalent."""
        return self.is_killed or bool(self.counterexample)


def measure_mutation_score(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, solution_seconds: float
) -> MutationScore:
    """Run mutation testing on the solution and report whether the tests are strong enough."""
    timeout = max(MIN_MUTANT_SECONDS, MAX_SLOWDOWN * solution_seconds)
    timeout = min(timeout, sandbox.limits.seconds)
    tested = _test_mutants(check, sandbox, tests, make_mutants(check, sandbox), timeout)
    rounds = 0 if all(mutant.is_killed for mutant in tested) else _affordable_rounds(check, sandbox)
    if rounds:
        tested = _add_counterexamples(check, sandbox, tested, rounds)
    by_counterexample = _count_mutants(_merge_by_counterexample(tested))
    if not is_too_weak(by_counterexample):
        return MutationScore(mutants=by_counterexample)
    by_behaviour = _count_mutants(_merge_by_behaviour(check, sandbox, tested, rounds))
    if not is_too_weak(by_behaviour):
        return MutationScore(mutants=by_behaviour)
    return MutationScore(mutants=by_counterexample, reasons=(_too_weak_reason(by_counterexample),))


def make_mutants(check: PythonCheck, sandbox: Sandbox) -> list[Mutant]:
    """Return mutants of the solution, spread over kinds and lines."""
    reply, nonce = sandbox.run("mutate", {"source": check.solution, "limit": MAX_MUTANTS})
    try:
        listed = MutantList.model_validate_json(reply.raw)
    except ValidationError:
        return []
    return listed.mutants if listed.nonce == nonce else []


def _test_mutants(
    check: PythonCheck,
    sandbox: Sandbox,
    tests: set[str],
    mutants: list[Mutant],
    timeout_seconds: float,
) -> list[TestedMutant]:
    deadline = monotonic() + ALL_MUTANTS_SECONDS

    def test_mutant(mutant: Mutant) -> TestedMutant | None:
        if monotonic() > deadline:
            return None
        run = run_tests(
            check, mutant.source, sandbox, seed=SEEDS[0], timeout_seconds=timeout_seconds
        )
        return TestedMutant(mutant=mutant, is_killed=not run.passes(tests))

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return [tested for tested in pool.map(test_mutant, mutants) if tested]


def _affordable_rounds(check: PythonCheck, sandbox: Sandbox) -> int:
    """Return how many rounds of fuzzing the solution completes within the time limit."""
    result = _fuzz(check, sandbox, "", MAX_FUZZ_ROUNDS)
    return result.rounds if isinstance(result, FuzzResult) else 0


def _add_counterexamples(
    check: PythonCheck, sandbox: Sandbox, tested: list[TestedMutant], rounds: int
) -> list[TestedMutant]:
    """Search for a counterexample to each surviving mutant."""
    deadline = monotonic() + ALL_FUZZING_SECONDS

    def add_counterexample(survivor: TestedMutant) -> TestedMutant:
        if survivor.is_killed or monotonic() > deadline:
            return survivor
        result = _fuzz(check, sandbox, survivor.mutant.source, rounds)
        if result is Status.TIMED_OUT:
            endless = {"counterexample": "With other values it does not terminate."}
            return survivor.model_copy(update=endless)
        if not isinstance(result, FuzzResult):
            return survivor
        return survivor.model_copy(
            update={"call": result.call, "counterexample": result.counterexample}
        )

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return list(pool.map(add_counterexample, tested))


def _merge_by_counterexample(tested: list[TestedMutant]) -> list[TestedMutant]:
    """Count survivors with the same counterexample once, since one more test would kill them all.

    Many survivors are still a sign of weak tests, so at least half of them count.
    """
    survivors = [mutant for mutant in tested if mutant.counterexample]
    distinct = list({mutant.call: mutant for mutant in reversed(survivors)}.values())
    repeated = [mutant for mutant in survivors if mutant not in distinct]
    counted = distinct + repeated[: max(0, -(-len(survivors) // 2) - len(distinct))]
    return [mutant for mutant in tested if not mutant.counterexample or mutant in counted]


def _merge_by_behaviour(
    check: PythonCheck, sandbox: Sandbox, tested: list[TestedMutant], rounds: int
) -> list[TestedMutant]:
    """Count mutants that behave alike once, separately for the killed and the surviving ones.

    The same mistake can be made in many ways, and how many of them are chosen is random.
    """

    def observe(tested_mutant: TestedMutant) -> str:
        source = tested_mutant.mutant.source
        if not tested_mutant.is_wrong:
            return source
        reply, _ = _run_fuzz_job("observe", check, sandbox, source, rounds)
        try:
            return Behaviour.model_validate_json(reply.raw).digest
        except ValidationError:
            return reply.status

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        behaviours = list(pool.map(observe, tested))
    distinct: dict[tuple[bool, str], TestedMutant] = {}
    for mutant, behaviour in zip(tested, behaviours, strict=True):
        distinct.setdefault((mutant.is_killed, behaviour), mutant)
    return list(distinct.values())


def _fuzz(check: PythonCheck, sandbox: Sandbox, mutant: str, rounds: int) -> FuzzResult | Status:
    reply, nonce = _run_fuzz_job("fuzz", check, sandbox, mutant, rounds)
    try:
        result = FuzzResult.model_validate_json(reply.raw)
    except ValidationError:
        return reply.status
    return result if result.nonce == nonce else Status.ENDED_EARLY


def _run_fuzz_job(
    action: str, check: PythonCheck, sandbox: Sandbox, mutant: str, rounds: int
) -> tuple[WorkerReply, str]:
    payload = {
        "module": check.module,
        "tests_module": check.tests_module,
        "solution": check.solution,
        "mutant": mutant,
        "tests": check.tests,
        "rounds": rounds,
        "seconds": FUZZ_SECONDS,
    }
    # Fuzzed values can take longer than the tests' own, on both the mutant and the solution.
    return sandbox.run(action, payload, timeout_seconds=4 * FUZZ_SECONDS)


def _count_mutants(tested: list[TestedMutant]) -> Mutants:
    """Count the mutants that are known to be wrong; list the others as unproven."""
    killed = sum(mutant.is_killed for mutant in tested)
    survivors = [
        f"{mutant.mutant.change}\n{mutant.counterexample}"
        for mutant in tested
        if mutant.counterexample
    ]
    return Mutants(
        total=killed + len(survivors),
        killed=killed,
        survivors=survivors,
        unproven=[mutant.mutant.change for mutant in tested if not mutant.is_wrong],
    )


def is_too_weak(mutants: Mutants) -> bool:
    """Whether too many mutants survive the tests."""
    return mutants.killed < MIN_MUTATION_SCORE * mutants.total


def _too_weak_reason(mutants: Mutants) -> Finding:
    return reason(FindingCode.TESTS_TOO_WEAK, killed=mutants.killed, total=mutants.total)
