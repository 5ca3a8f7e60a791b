"""Another model's solution meets a draft's tests and its solution: they should not disagree."""

from collections.abc import Iterator
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.errors import DraftMissing
from coursewright.domain.verification import MAX_REPAIRS, CrossCheck
from coursewright.ports.agents import Drafts
from coursewright.ports.verification import Sandbox, Verifications
from coursewright.steps.verify_draft import check_request

DISAGREEMENTS_SHOWN = 3


class CrossCheckTask(Record):
    """The input of the step."""

    generation: str
    draft: str
    solver: str


def cross_check_draft(
    task: CrossCheckTask, *, drafts: Drafts, sandbox: Sandbox, verifications: Verifications
) -> CrossCheck:
    """Keep whether another model's solution does what the draft's tests and solution do.

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
    agrees = bool(evidence["solution_passes"]) and not evidence.get("differences")
    found = () if agrees else tuple(_disagreements(evidence, task.solver))
    check = CrossCheck(
        draft=task.draft,
        solver=task.solver,
        agrees=agrees,
        disagreements=found[:DISAGREEMENTS_SHOWN],
    )
    return verifications.save_cross_check(task.generation, check)


def _disagreements(evidence: dict[str, Any], solver: str) -> Iterator[str]:
    """Show inputs with both outputs, the smallest first, or why the other solution gave none."""
    differences = evidence.get("differences") or ()
    failures = evidence.get("failures") or ()
    for difference in differences:
        yield f"{solver}: {difference}"
    for failure in failures:
        yield f"{solver} in {failure['test']}\n{failure['message']}"
    if not differences and not failures:
        for one in evidence["reasons"]:
            yield f"{solver}: {one['message']}"
