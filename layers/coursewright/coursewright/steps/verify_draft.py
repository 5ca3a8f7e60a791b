"""A draft's parts meet in the sandbox, and the evidence is kept."""

from typing import Any

from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.brief import Kind
from coursewright.domain.errors import DraftMissing
from coursewright.domain.records import Record
from coursewright.domain.verification import Repair, Verdict, Verification, repair_at
from coursewright.ports import Drafts, Sandbox, Verifications
from coursewright.verification.promises import check_promises, with_promises


class VerifyTask(Record):
    """The input of the step."""

    generation: str
    round: int
    model: str
    draft: str
    attempt: int


def verify_draft(
    task: VerifyTask, *, drafts: Drafts, sandbox: Sandbox, verifications: Verifications
) -> Verification:
    """Check the newest parts of a draft, once per attempt.

    Raises: DraftMissing or SandboxUnavailable.
    """
    kept = verifications.get(task.generation, task.draft, task.attempt)
    if kept is not None:
        return kept
    draft = drafts.get(task.generation, task.draft)
    tests = drafts.latest_tests(task.generation, task.draft, attempt=task.attempt)
    solution = drafts.latest_solution(task.generation, task.draft, attempt=task.attempt)
    if tests is None or solution is None:
        missing = "tests" if tests is None else "solution"
        raise DraftMissing(f"{task.generation}: {task.draft} has no {missing}")
    evidence = with_promises(
        sandbox.check(check_request(draft, tests, solution)), check_promises(draft, tests)
    )
    evidence["independent"] = task.attempt == 0
    verdict = Verdict(evidence["verdict"])
    fault = evidence.get("fault", Repair.NONE)
    return verifications.save(
        task.generation,
        Verification(
            draft=task.draft,
            attempt=task.attempt,
            verdict=verdict,
            repair=Repair.NONE if verdict is Verdict.VERIFIED else repair_at(fault, task.attempt),
            tests_attempt=tests.attempt,
            solution_attempt=solution.attempt,
            evidence=evidence,
        ),
    )


def check_request(draft: Draft, tests: DraftTests, solution: DraftSolution) -> dict[str, Any]:
    """Put a draft's parts into the input of `check_code` (DESIGN §7)."""
    if draft.kind is Kind.PYTHON:
        return {
            "kind": "python",
            "file_name": draft.file_name,
            "starter": draft.code,
            "solution": solution.code,
            "tests": tests.tests,
        }
    return {
        "kind": "sql",
        "schema_sql": draft.schema_sql,
        "starter": draft.code,
        "solution": solution.code,
        "ordered": tests.ordered,
        "text": draft.text,
        "datasets": [one.model_dump(mode="json") for one in tests.datasets],
    }
