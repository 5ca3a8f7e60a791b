"""Measures how much a draft's tests really check, once the draft is right in all else."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from pydantic import ValidationError

from coursewright.domain.base import Record
from coursewright.verification.check_request import Mutants, PythonCheck
from coursewright.verification.python.results import SEEDS, UntrustedRecord, run_tests
from coursewright.verification.rejections import Reason, ReasonCode, reason
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Sandbox, Status, WorkerReply

MAX_MUTANTS = 24
SHARE_KILLED = 0.8
SURVIVORS_SHOWN = 5
# A variant that loops is told from the solution too, but should not cost a full time-out.
PATIENCE_SECONDS = 0.4
SLOWER_THAN_THE_SOLUTION = 4
MUTANTS_SECONDS = 6.0
ROUNDS = 40
PROBE_SECONDS = 0.5
PROBING_SECONDS = 4.0


class MutationScore(Record):
    """What the tests tell from the right solution, and what is wrong with that."""

    mutants: Mutants = Mutants()
    reasons: tuple[Reason, ...] = ()


class Mutant(UntrustedRecord):
    """One wrong variant of the solution and what was changed in it."""

    kind: str
    line: str
    diff: str
    source: str

    @property
    def change(self) -> str:
        """Show the change as a diff."""
        return f"line {self.line}:\n{self.diff}"


class MutantList(UntrustedRecord):
    """The variants of one solution."""

    nonce: str
    mutants: list[Mutant]


class Probe(UntrustedRecord):
    """An input on which a variant differs, if one was found, and how many rounds it took."""

    nonce: str
    call: str
    witness: str
    rounds: int


class Behaviour(UntrustedRecord):
    """A digest of all that a variant gives, on the tests' own values and on others."""

    nonce: str
    digest: str


class Tried(Record):
    """A variant that the tests ran on, and the input that shows what they missed."""

    mutant: Mutant
    noticed: bool
    call: str = ""
    witness: str = ""

    @property
    def differs(self) -> bool:
        """Whether it is known to be wrong: the others may mean the same."""
        return self.noticed or bool(self.witness)


def measure_mutation_score(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, solution_seconds: float
) -> MutationScore:
    """Break the solution in many ways and see whether the tests notice."""
    patience = max(PATIENCE_SECONDS, SLOWER_THAN_THE_SOLUTION * solution_seconds)
    patience = min(patience, sandbox.limits.seconds)
    tried = _try_all(check, sandbox, tests, make_mutants(check, sandbox), patience)
    rounds = 0 if all(one.noticed for one in tried) else _bearable_rounds(check, sandbox)
    if rounds:
        tried = _with_witnesses(check, sandbox, tried, rounds)
    by_gap = _count(_placeholders(tried))
    if not is_too_weak(by_gap):
        return MutationScore(mutants=by_gap)
    by_behaviour = _count(_distinct(check, sandbox, tried, rounds))
    if not is_too_weak(by_behaviour):
        return MutationScore(mutants=by_behaviour)
    return MutationScore(mutants=by_gap, reasons=(_too_weak(by_gap),))


def make_mutants(check: PythonCheck, sandbox: Sandbox) -> list[Mutant]:
    """Make wrong variants of the solution, spread over kinds and lines."""
    answer, nonce = sandbox.run("mutate", {"source": check.solution, "limit": MAX_MUTANTS})
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
    timeout_seconds: float,
) -> list[Tried]:
    deadline = monotonic() + MUTANTS_SECONDS

    def tried(mutant: Mutant) -> Tried | None:
        if monotonic() > deadline:
            return None
        run = run_tests(
            check, mutant.source, sandbox, seed=SEEDS[0], timeout_seconds=timeout_seconds
        )
        return Tried(mutant=mutant, noticed=not run.passes(tests))

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return [one for one in pool.map(tried, mutants) if one]


def _bearable_rounds(check: PythonCheck, sandbox: Sandbox) -> int:
    """Find out how often the solution can be run with other values in the tests."""
    alone = _probe(check, sandbox, "", ROUNDS)
    return alone.rounds if isinstance(alone, Probe) else 0


def _with_witnesses(
    check: PythonCheck, sandbox: Sandbox, tried: list[Tried], rounds: int
) -> list[Tried]:
    """Look for an input on which each variant that was missed differs from the solution."""
    deadline = monotonic() + PROBING_SECONDS

    def with_witness(one: Tried) -> Tried:
        if one.noticed or monotonic() > deadline:
            return one
        found = _probe(check, sandbox, one.mutant.source, rounds)
        if found is Status.TIMED_OUT:
            return one.model_copy(update={"witness": "On other values it does not end."})
        if not isinstance(found, Probe):
            return one
        return one.model_copy(update={"call": found.call, "witness": found.witness})

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return list(pool.map(with_witness, tried))


def _placeholders(tried: list[Tried]) -> list[Tried]:
    """Keep one of the missed variants that the same input shows: one more test would notice all.

    Yet so many together say something too: half of all that were missed count in any case.
    """
    missed = [one for one in tried if one.witness]
    first = list({one.call: one for one in reversed(missed)}.values())
    alike = [one for one in missed if one not in first]
    counted = first + alike[: max(0, -(-len(missed) // 2) - len(first))]
    return [one for one in tried if not one.witness or one in counted]


def _distinct(check: PythonCheck, sandbox: Sandbox, tried: list[Tried], rounds: int) -> list[Tried]:
    """Keep one of the variants that do the same, among those noticed and among those missed.

    One mistake can be made in many ways, and it is chance how many of them were chosen.
    """

    def behaviour(one: Tried) -> str:
        if not one.differs:
            return one.mutant.source
        answer, _ = _ask("behave", check, sandbox, one.mutant.source, rounds)
        try:
            return Behaviour.model_validate_json(answer.raw).digest
        except ValidationError:
            return answer.status

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        behaviours = list(pool.map(behaviour, tried))
    first: dict[tuple[bool, str], Tried] = {}
    for one, did in zip(tried, behaviours, strict=True):
        first.setdefault((one.noticed, did), one)
    return list(first.values())


def _probe(check: PythonCheck, sandbox: Sandbox, variant: str, rounds: int) -> Probe | Status:
    answer, nonce = _ask("probe_variant", check, sandbox, variant, rounds)
    try:
        found = Probe.model_validate_json(answer.raw)
    except ValidationError:
        return answer.status
    return found if found.nonce == nonce else Status.ENDED_EARLY


def _ask(
    action: str, check: PythonCheck, sandbox: Sandbox, variant: str, rounds: int
) -> tuple[WorkerReply, str]:
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
    return sandbox.run(action, payload, timeout_seconds=4 * PROBE_SECONDS)


def _count(tried: list[Tried]) -> Mutants:
    """Count the variants that are known to be wrong."""
    killed = sum(one.noticed for one in tried)
    survivors = [f"{one.mutant.change}\n{one.witness}" for one in tried if one.witness]
    return Mutants(
        total=killed + len(survivors),
        killed=killed,
        survivors=survivors,
        unproven=[one.mutant.change for one in tried if not one.differs],
    )


def is_too_weak(mutants: Mutants) -> bool:
    """Return whether too many wrong variants pass the tests."""
    return mutants.killed < SHARE_KILLED * mutants.total


def _too_weak(mutants: Mutants) -> Reason:
    shown = "\n".join(mutants.survivors[:SURVIVORS_SHOWN])
    counted = f"{mutants.killed} of {mutants.total} were noticed; not noticed:\n{shown}"
    return reason(ReasonCode.TESTS_TOO_WEAK, counted)
