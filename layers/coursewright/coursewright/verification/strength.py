"""Measures how much a draft's tests really check, once the draft is right in all else."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from pydantic import ValidationError

from coursewright.verification.contract import (
    Frozen,
    Mutants,
    PythonCheck,
    Reason,
    ReasonCode,
    reason,
)
from coursewright.verification.runs import SEEDS, Facts, run_tests
from coursewright.verification.sandbox import POOL_SIZE, Sandbox, Status

MOST_MUTANTS = 24
SHARE_KILLED = 0.8
SURVIVORS_SHOWN = 5
# A variant that loops is told from the solution too, but should not cost a full time-out.
PATIENCE_SECONDS = 0.4
SLOWER_THAN_THE_SOLUTION = 4
MUTANTS_SECONDS = 6.0
ROUNDS = 40
PROBE_SECONDS = 0.5
PROBING_SECONDS = 4.0


class Strength(Frozen):
    """What the tests tell from the right solution, and what is wrong with that."""

    mutants: Mutants = Mutants()
    reasons: tuple[Reason, ...] = ()


class Mutant(Facts):
    """One wrong variant of the solution and what was changed in it."""

    kind: str
    line: str
    diff: str
    source: str

    @property
    def change(self) -> str:
        """Show the change as a diff."""
        return f"line {self.line}:\n{self.diff}"


class MutantList(Facts):
    """The variants of one solution."""

    nonce: str
    mutants: list[Mutant]


class Probe(Facts):
    """An input on which a variant differs, if one was found, and how many rounds it took."""

    nonce: str
    call: str
    witness: str
    rounds: int


def measure(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, solution_seconds: float
) -> Strength:
    """Break the solution in many ways and see whether the tests notice."""
    made = _make_mutants(check, sandbox)
    if not made:
        return Strength()
    patience = max(PATIENCE_SECONDS, SLOWER_THAN_THE_SOLUTION * solution_seconds)
    patience = min(patience, sandbox.limits.seconds)
    noticed = _try_all(check, sandbox, tests, made, patience)
    unnoticed = [mutant for mutant, was in zip(made, noticed, strict=True) if was is False]
    mutants = _weigh(noticed.count(True), unnoticed, _witnesses(check, sandbox, unnoticed))
    return Strength(mutants=mutants, reasons=(_too_weak(mutants),) if is_too_weak(mutants) else ())


def _make_mutants(check: PythonCheck, sandbox: Sandbox) -> list[Mutant]:
    answer, nonce = sandbox.run("mutate", {"source": check.solution, "limit": MOST_MUTANTS})
    try:
        made = MutantList.model_validate_json(answer.raw)
    except ValidationError:
        return []
    return made.mutants if made.nonce == nonce else []


def _try_all(
    check: PythonCheck,
    sandbox: Sandbox,
    tests: set[str],
    mutants: list[Mutant],
    patience_seconds: float,
) -> list[bool | None]:
    deadline = monotonic() + MUTANTS_SECONDS

    def is_noticed(mutant: Mutant) -> bool | None:
        if monotonic() > deadline:
            return None
        run = run_tests(
            check, mutant.source, sandbox, seed=SEEDS[0], patience_seconds=patience_seconds
        )
        return not run.passes(tests)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return list(pool.map(is_noticed, mutants))


def _witnesses(check: PythonCheck, sandbox: Sandbox, mutants: list[Mutant]) -> list[Probe | None]:
    """Look for an input on which each variant differs from the solution."""
    if not mutants:
        return []
    alone = _probe(check, sandbox, "", ROUNDS)
    rounds = alone.rounds if isinstance(alone, Probe) else 0
    deadline = monotonic() + PROBING_SECONDS

    def witness(mutant: Mutant) -> Probe | None:
        if not rounds or monotonic() > deadline:
            return None
        found = _probe(check, sandbox, mutant.source, rounds)
        if found is Status.TIMED_OUT:
            return Probe(nonce="", witness="On other values it does not end.", call="", rounds=0)
        return found if isinstance(found, Probe) and found.witness else None

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return list(pool.map(witness, mutants))


def _probe(check: PythonCheck, sandbox: Sandbox, variant: str, rounds: int) -> Probe | Status:
    payload = {
        "module": check.module,
        "tests_module": check.tests_module,
        "solution": check.solution,
        "variant": variant,
        "tests": check.tests,
        "rounds": rounds,
        "seconds": PROBE_SECONDS,
    }
    # Other values can take longer than those of the tests: time for a variant and the solution.
    answer, nonce = sandbox.run("probe_variant", payload, patience_seconds=4 * PROBE_SECONDS)
    try:
        found = Probe.model_validate_json(answer.raw)
    except ValidationError:
        return answer.status
    return found if found.nonce == nonce else Status.ENDED_EARLY


def _weigh(killed: int, unnoticed: list[Mutant], witnesses: list[Probe | None]) -> Mutants:
    """Count only variants that were shown to differ: the others may mean the same.

    Variants that the same input shows are one gap in the tests, which one more test would close.
    Yet so many together say something too: half of all survivors count in any case.
    """
    survivors: list[str] = []
    alike: list[str] = []
    unproven: list[str] = []
    calls: set[str] = set()
    for mutant, found in zip(unnoticed, witnesses, strict=True):
        if found is None:
            unproven.append(mutant.change)
        else:
            gaps = alike if found.call in calls else survivors
            gaps.append(f"{mutant.change}\n{found.witness}")
            calls.add(found.call)
    half = -(-(len(survivors) + len(alike)) // 2)
    survivors += alike[: max(0, half - len(survivors))]
    total = killed + len(survivors)
    return Mutants(total=total, killed=killed, survivors=survivors, unproven=unproven)


def is_too_weak(mutants: Mutants) -> bool:
    """Say whether too many wrong variants pass the tests."""
    return mutants.killed < SHARE_KILLED * mutants.total


def _too_weak(mutants: Mutants) -> Reason:
    shown = "\n".join(mutants.survivors[:SURVIVORS_SHOWN])
    counted = f"{mutants.killed} of {mutants.total} were noticed; not noticed:\n{shown}"
    return reason(ReasonCode.TESTS_TOO_WEAK, counted)
