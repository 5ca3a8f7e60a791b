"""No lost, late or corrupt reply improves a verdict, whichever step of a check it concerns."""

import pytest

from coursewright.domain.errors import SandboxUnavailable
from coursewright.domain.evidence import FindingCode, RepairTarget, Verdict
from coursewright.verification.canary import passes_canary
from coursewright.verification.sandbox import worker_process
from coursewright.verification.sandbox.worker_pool import Sandbox
from tests.fakes.recorded_workers import Failure, Fault
from tests.verification_faults import (
    DRAFTS,
    MORE_DRAFTS,
    Checker,
    fail_each_step,
    repeatable_checks,
)

FUNCTION_TIMEOUT_SECONDS = 90
EVERY = 10  # `make bench PART=faults` tries them all


@pytest.mark.parametrize("name", DRAFTS)
def test_no_failure_of_a_step_improves_a_verdict(name: str) -> None:
    trial = fail_each_step(DRAFTS[name])

    assert trial.failures > 0
    assert trial.improved == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MORE_DRAFTS)[::EVERY])
def test_no_failure_of_a_step_improves_the_verdict_of_an_attack(name: str) -> None:
    trial = fail_each_step(MORE_DRAFTS[name])

    assert trial.improved == ()


def test_a_draft_that_cannot_be_checked_is_not_repaired() -> None:
    with repeatable_checks() as clock:
        checker = Checker(DRAFTS["an honest draft"], clock)
        checker.check()
        step = next(step for step in checker.workers.steps if step.startswith('["mutate"'))

        evidence = checker.check(Failure(step, Fault.DROPPED, is_lasting=True))

        checker.close()
    assert evidence.fault is RepairTarget.NONE
    assert evidence.reasons[0].params == {"step": "mutate"}


def test_if_a_simple_draft_cannot_be_checked_either_the_sandbox_is_unavailable() -> None:
    with repeatable_checks(passes_canary=False) as clock:
        checker = Checker(DRAFTS["an honest draft"], clock)
        checker.check()
        step = next(iter(checker.workers.steps))

        with pytest.raises(SandboxUnavailable, match="read"):
            checker.check(Failure(step, Fault.DELAYED, is_lasting=True))

        checker.close()


@pytest.mark.parametrize("kind", ["python", "sql"])
def test_a_simple_draft_passes_in_new_workers(
    kind: worker_process.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(kind)
    monkeypatch.setattr(sandbox, "_pool", None)

    assert passes_canary(sandbox) is True


def test_a_simple_draft_fails_if_its_replies_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process.Worker, "run_job", lambda *_: None)

    assert passes_canary(Sandbox("python")) is False


def test_a_check_without_any_reply_ends_before_the_function_does() -> None:
    with repeatable_checks() as clock:
        checker = Checker(DRAFTS["an honest draft"], clock)
        checker.workers.is_slow = True

        evidence = checker.check()

        checker.close()
    assert evidence.verdict is Verdict.REJECTED
    assert [reason.code for reason in evidence.reasons] == [FindingCode.COULD_NOT_BE_CHECKED]
    assert clock.now < FUNCTION_TIMEOUT_SECONDS - 15
