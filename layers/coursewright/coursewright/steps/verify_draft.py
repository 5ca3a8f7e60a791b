"""A draft's parts meet in the sandbox, and the evidence is kept."""

from dataclasses import dataclass
from typing import Any

from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.errors import DraftMissing
from coursewright.domain.verification import Repair, Verdict, Verification, repair_at
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Generations, Lessons
from coursewright.ports.verification import Sandbox, Verifications
from coursewright.verification.requirements.requirement_coverage import (
    check_requirements,
    with_requirements,
)

MAX_LESSON_CHARS = 200_000  # characters; what `check_code` takes


class VerifyTask(Record):
    """The input of the step."""

    generation: str
    round: int
    model: str
    draft: str
    attempt: int


@dataclass(frozen=True)
class VerifyDraftDeps:
    """Where a draft's parts lie, who checks them, and where the evidence goes."""

    drafts: Drafts
    generations: Generations
    lessons: Lessons
    sandbox: Sandbox
    verifications: Verifications


def verify_draft(task: VerifyTask, *, deps: VerifyDraftDeps) -> Verification:
    """Check the newest parts of a draft, once per attempt.

    Raises: DraftMissing or SandboxUnavailable.
    """
    kept = deps.verifications.get(task.generation, task.draft, task.attempt)
    if kept is not None:
        return kept
    draft = deps.drafts.get(task.generation, task.draft)
    tests = deps.drafts.latest_tests(task.generation, task.draft, attempt=task.attempt)
    solution = deps.drafts.latest_solution(task.generation, task.draft, attempt=task.attempt)
    if tests is None or solution is None:
        missing = "tests" if tests is None else "solution"
        raise DraftMissing(f"{task.generation}: {task.draft} has no {missing}")
    request = check_request(draft, tests, solution) | _taught(task, draft, deps)
    evidence = with_requirements(deps.sandbox.check(request), check_requirements(draft, tests))
    evidence["independent"] = task.attempt == 0
    verdict = Verdict(evidence["verdict"])
    fault = evidence.get("fault", Repair.NONE)
    return deps.verifications.save(
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


def _taught(task: VerifyTask, draft: Draft, deps: VerifyDraftDeps) -> dict[str, str]:
    """Hand over the lesson of a query: what it teaches may be another database's SQL."""
    if draft.kind is not Kind.SQL:
        return {}
    lesson = deps.lessons.read(deps.generations.get(task.generation).request.lesson)
    return {"lesson": lesson[:MAX_LESSON_CHARS]}


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
