"""Measures how much a draft's tests really check, once the draft is right in all else."""

import secrets
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
from coursewright.verification.runs import Facts, run_tests
from coursewright.verification.sandbox import POOL_SIZE, Sandbox

MOST_MUTANTS = 20
SHARE_KILLED = 0.8
SURVIVORS_SHOWN = 5
# A variant that loops is told from the solution too, but should not cost a full time-out.
PATIENCE_SECONDS = 1.0
SLOWER_THAN_ALL_TWINS = 2
MUTANTS_SECONDS = 20.0
SEED = 11


class Strength(Frozen):
    """What the tests tell from the right solution, and what is wrong with that."""

    mutants: Mutants = Mutants()
    reasons: tuple[Reason, ...] = ()


class Mutant(Facts):
    """One wrong variant of the solution and what was changed in it."""

    change: str
    source: str


class MutantList(Facts):
    """The variants of one solution."""

    nonce: str
    mutants: list[Mutant]


class Twins(Facts):
    """Tests with their assertions turned around, and where each comes from."""

    nonce: str
    source: str
    twins: dict[str, str]


def measure(check: PythonCheck, sandbox: Sandbox, tests: set[str]) -> Strength:
    """Turn the assertions around, break the solution, and see whether the tests notice."""
    started = monotonic()
    unmoved = _twins_that_pass(check, sandbox)
    patience = max(PATIENCE_SECONDS, SLOWER_THAN_ALL_TWINS * (monotonic() - started))
    mutants = _try_mutants(check, sandbox, tests, patience)
    reasons = [
        *([reason(ReasonCode.TESTS_ASSERT_NOTHING, _some(unmoved))] if unmoved else []),
        *([_too_weak(mutants)] if _is_too_weak(mutants) else []),
    ]
    return Strength(mutants=mutants, reasons=tuple(reasons))


def _twins_that_pass(check: PythonCheck, sandbox: Sandbox) -> list[str]:
    payload = {"source": check.tests, "secret": secrets.token_hex(4)}
    answer, _ = sandbox.run("turn", payload)
    try:
        made = Twins.model_validate_json(answer.raw)
    except ValidationError:
        return []
    turned = check.model_copy(update={"tests": made.source})
    run = run_tests(turned, check.solution, sandbox, seed=SEED)
    failed = {_method(failure.test) for failure in run.failures}
    ran = {_method(test) for test in run.ran}
    return [made.twins[name] for name in sorted((ran & made.twins.keys()) - failed)]


def _try_mutants(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], patience_seconds: float
) -> Mutants:
    answer, _ = sandbox.run("mutate", {"source": check.solution, "limit": MOST_MUTANTS})
    try:
        mutants = MutantList.model_validate_json(answer.raw).mutants
    except ValidationError:
        return Mutants()

    deadline = monotonic() + MUTANTS_SECONDS

    def is_noticed(mutant: Mutant) -> bool | None:
        if monotonic() > deadline:
            return None
        run = run_tests(check, mutant.source, sandbox, seed=SEED, patience_seconds=patience_seconds)
        return not run.passes(tests)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        noticed = list(pool.map(is_noticed, mutants))
    survivors = [
        mutant.change
        for mutant, was_noticed in zip(mutants, noticed, strict=True)
        if was_noticed is False
    ]
    killed = noticed.count(True)
    return Mutants(total=killed + len(survivors), killed=killed, survivors=survivors)


def _is_too_weak(mutants: Mutants) -> bool:
    # A single survivor may be a variant that means the same as the solution.
    return len(mutants.survivors) > 1 and mutants.killed < SHARE_KILLED * mutants.total


def _too_weak(mutants: Mutants) -> Reason:
    counted = f"{mutants.killed} of {mutants.total} were noticed; not noticed:"
    return reason(ReasonCode.TESTS_TOO_WEAK, f"{counted} {_some(mutants.survivors)}")


def _some(texts: list[str]) -> str:
    return "; ".join(texts[:SURVIVORS_SHOWN])


def _method(test: str) -> str:
    return test.rpartition(".")[2]
