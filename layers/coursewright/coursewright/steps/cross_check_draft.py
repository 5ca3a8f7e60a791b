"""Compares an independent solution with a draft's tests and own solution."""

from coursewright.domain.base import Record
from coursewright.domain.errors import DraftMissing
from coursewright.domain.verification import MAX_REPAIRS, CrossCheck, disagreements, not_compared
from coursewright.ports.agents import Drafts
from coursewright.ports.verification import Sandbox, Verifications
from coursewright.steps.verify_draft import check_request

MAX_DISAGREEMENTS = 3


class CrossCheckTask(Record):
    """The input of the step."""

    generation: str
    draft: str
    solver: str


def cross_check_draft(
    task: CrossCheckTask, *, drafts: Drafts, sandbox: Sandbox, verifications: Verifications
) -> CrossCheck:
    """Compare another model's solution with the draft's tests and solution, and store the result.

    Raises: DraftMissing or SandboxUnavailable.
    """
    draft = drafts.get(task.generation, task.draft)
    tests = drafts.latest_tests(task.generation, task.draft, attempt=MAX_REPAIRS)
    if tests is None:
        raise DraftMissing(f"{task.generation}: {task.draft} has no tests")
    solution = drafts.blind_solution(task.generation, task.draft, task.solver)
    own = drafts.latest_solution(task.generation, task.draft, attempt=MAX_REPAIRS)
    reference = {"reference": own.code} if own else {}
    evidence = sandbox.check(check_request(draft, tests, solution) | reference)
    is_different = evidence.differences or not_compared(evidence)
    agrees = evidence.solution_passes and not is_different
    differing = () if agrees else disagreements(evidence, task.solver)
    check = CrossCheck(
        draft=task.draft,
        solver=task.solver,
        agrees=agrees,
        disagreements=differing[:MAX_DISAGREEMENTS],
    )
    return verifications.save_cross_check(task.generation, check)
