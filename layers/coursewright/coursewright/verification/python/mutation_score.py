"""Measures the mutation score of a draft's tests, once the draft passes all other checks."""

from coursewright.domain.base import Record
from coursewright.domain.evidence import Cause, Finding, FindingCode, Mutants
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.results import run_tests
from coursewright.verification.rejections import doubt, reason, unfinished
from coursewright.verification.sandbox.answer import Answer, Reply, Status, UntrustedRecord
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Sandbox

MAX_MUTANTS = 24
MIN_MUTATION_SCORE = 0.8
# A mutant that loops uses up its fuel and counts as noticed. Its limit is far above what the
# solution needs, because images differ in their string hashes and so in fuel by several per cent.
MIN_MUTANT_FUEL, MAX_MUTANT_FUEL = 1_500_000_000, 60_000_000_000
MAX_SLOWDOWN = 8
MIN_FUZZ_ROUNDS, MAX_FUZZ_ROUNDS = 5, 40
FUZZ_FUEL = 3_000_000_000
# The solution finishes with the same values, so the mistake is the reason.
UNFINISHED = {
    Status.TIMED_OUT: "With other values it does not terminate.",
    Status.OUT_OF_MEMORY: "With other values it runs out of memory.",
    Status.ENDED_EARLY: "With other values it exits.",
}


class MutationScore(Record):
    """The counted mutants, the reasons against the tests, and what could not be measured."""

    mutants: Mutants = Mutants()
    reasons: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


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


class MutantList(Reply):
    """The mutants of one solution."""

    mutants: list[Mutant]


class FuzzResult(Reply):
    """A counterexample that proves a mutant wrong, if any."""

    call: str
    counterexample: str


class Behaviour(Reply):
    """A digest of all of a mutant's results, on the original and on fuzzed values."""

    digest: str


class TestedMutant(Record):
    """A mutant on which the tests ran; if it survived, a counterexample may expose the mistake."""

    mutant: Mutant
    is_killed: bool
    call: str = ""
    counterexample: str = ""
    fuel: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether the mutant is known to be wrong; otherwise it may be equivalent."""
        return self.is_killed or bool(self.counterexample)


class _Observation(Record):
    """A digest of a mutant's behaviour, empty if it is unknown."""

    digest: str = ""
    fuel: int = 0


class _Fuzzing(Record):
    """How many rounds of fuzzing the solution can afford, and their fuel."""

    rounds: int
    fuel: int


def measure_mutation_score(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, fuel: int
) -> MutationScore:
    """Run mutation testing on the solution and report whether the tests are strong enough.

    `fuel` is what the tests use on the solution.
    """
    mutants = make_mutants(check, sandbox)
    if not mutants:
        return MutationScore(doubts=(_no_mutants(Cause.NOTHING_TO_MUTATE),))
    tested = _test_mutants(check, sandbox, tests, mutants, mutant_fuel(fuel))
    doubts = [] if len(tested) == len(mutants) else [unfinished(Cause.MUTANTS_LEFT)]
    survivors = [mutant for mutant in tested if not mutant.is_killed]
    fuzzing = _affordable_fuzzing(check, sandbox) if survivors else _Fuzzing(rounds=0, fuel=0)
    proven = _add_counterexamples(check, sandbox, survivors, fuzzing)
    if len(proven) < len(survivors):
        doubts.append(unfinished(Cause.INPUTS_LEFT))
    known = {mutant.mutant.source: mutant for mutant in proven}
    tested = [known.get(mutant.mutant.source, mutant) for mutant in tested]
    score = _score(check, sandbox, tested, fuzzing)
    if not score.mutants.total and not doubts:
        doubts.append(_no_mutants(Cause.ALL_EQUIVALENT))
    return score.model_copy(update={"doubts": tuple(doubts)})


def _no_mutants(cause: Cause) -> Finding:
    """Return the doubt that the strength of the tests is unknown, which is not a full score."""
    return doubt(FindingCode.NO_MUTANTS, blocking=True, cause=cause)


def _score(
    check: PythonCheck, sandbox: Sandbox, tested: list[TestedMutant], fuzzing: _Fuzzing
) -> MutationScore:
    by_counterexample = _count_mutants(_merge_by_counterexample(tested))
    if not is_too_weak(by_counterexample):
        return MutationScore(mutants=by_counterexample)
    by_behaviour = _count_mutants(_merge_by_behaviour(check, sandbox, tested, fuzzing))
    if not is_too_weak(by_behaviour):
        return MutationScore(mutants=by_behaviour)
    return MutationScore(mutants=by_counterexample, reasons=(_too_weak_reason(by_counterexample),))


def mutant_fuel(solution_fuel: int) -> int:
    """Return the fuel that a mutant may use, given what the solution uses."""
    return min(MAX_MUTANT_FUEL, max(MIN_MUTANT_FUEL, MAX_SLOWDOWN * solution_fuel))


def make_mutants(check: PythonCheck, sandbox: Sandbox) -> list[Mutant]:
    """Return mutants of the solution, spread over kinds and lines."""
    payload = {"source": check.solution, "limit": MAX_MUTANTS}
    listed = sandbox.ask("mutate", payload, MutantList).value
    return listed.mutants if listed else []


def _test_mutants(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], mutants: list[Mutant], max_fuel: int
) -> list[TestedMutant]:
    """Run the tests on the mutants, as far as the check's fuel allows."""

    def test_mutant(mutant: Mutant) -> TestedMutant:
        run = run_tests(check, mutant.source, sandbox, max_fuel=max_fuel)
        return TestedMutant(mutant=mutant, is_killed=not run.passes(tests), fuel=run.fuel)

    return sandbox.budget.map_in_order(test_mutant, mutants, workers=POOL_SIZE)


def _affordable_fuzzing(check: PythonCheck, sandbox: Sandbox) -> _Fuzzing:
    """Return how many rounds of fuzzing the solution completes with a limited amount of fuel.

    Fuzzed values may be so large that the solution does not finish; then half as many are tried.
    """
    rounds = MAX_FUZZ_ROUNDS
    while rounds >= MIN_FUZZ_ROUNDS and not sandbox.budget.is_spent:
        answer = _fuzz(check, sandbox, rounds, FUZZ_FUEL, "")
        sandbox.budget.charge(answer.fuel)
        if answer.status is Status.FINISHED:
            return _Fuzzing(rounds=rounds, fuel=answer.fuel)
        rounds //= 2
    return _Fuzzing(rounds=0, fuel=FUZZ_FUEL)


def _add_counterexamples(
    check: PythonCheck, sandbox: Sandbox, survivors: list[TestedMutant], fuzzing: _Fuzzing
) -> list[TestedMutant]:
    """Search for a counterexample to each surviving mutant, as far as the check's fuel allows."""
    if not fuzzing.rounds:
        return []

    def add_counterexample(survivor: TestedMutant) -> TestedMutant:
        limit = mutant_fuel(fuzzing.fuel)
        answer = _fuzz(check, sandbox, fuzzing.rounds, limit, survivor.mutant.source)
        update: dict[str, str | int] = {"fuel": answer.fuel}
        if answer.value:
            update |= answer.value.model_dump(include={"call", "counterexample"})
        else:
            update |= {"counterexample": UNFINISHED[answer.status]}
        return survivor.model_copy(update=update)

    return sandbox.budget.map_in_order(add_counterexample, survivors, workers=POOL_SIZE)


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
    check: PythonCheck, sandbox: Sandbox, tested: list[TestedMutant], fuzzing: _Fuzzing
) -> list[TestedMutant]:
    """Count mutants that behave alike once, separately for the killed and the surviving ones.

    The same mistake can be made in many ways, and how many of them are chosen is random. Killed
    mutants whose behaviour is unknown count as one, surviving ones separately.
    """

    def observe(tested_mutant: TestedMutant) -> _Observation:
        source = tested_mutant.mutant.source
        if not tested_mutant.is_wrong:
            return _Observation()
        job = _fuzz_job(check, source, fuzzing.rounds)
        answer = sandbox.ask("observe", job, Behaviour, max_fuel=mutant_fuel(fuzzing.fuel))
        return _Observation(digest=answer.value.digest if answer.value else "", fuel=answer.fuel)

    observed = sandbox.budget.map_in_order(observe, tested, workers=POOL_SIZE)
    distinct: dict[tuple[bool, str], TestedMutant] = {}
    unobserved = [_Observation()] * (len(tested) - len(observed))
    for mutant, seen in zip(tested, [*observed, *unobserved], strict=True):
        unknown = "" if mutant.is_killed else mutant.mutant.source
        distinct.setdefault((mutant.is_killed, seen.digest or unknown), mutant)
    return list(distinct.values())


def _fuzz(
    check: PythonCheck, sandbox: Sandbox, rounds: int, max_fuel: int, mutant: str
) -> Answer[FuzzResult]:
    job = _fuzz_job(check, mutant, rounds)
    return sandbox.ask("fuzz", job, FuzzResult, max_fuel=max_fuel)


def _fuzz_job(check: PythonCheck, mutant: str, rounds: int) -> dict[str, str | int]:
    return {
        "module": check.module,
        "tests_module": check.tests_module,
        "solution": check.solution,
        "mutant": mutant,
        "tests": check.tests,
        "rounds": rounds,
    }


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
