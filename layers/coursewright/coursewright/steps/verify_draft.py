"""Verifies a draft in the sandbox and stores the evidence."""

from dataclasses import dataclass
from typing import Any

from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.errors import DraftMissing
from coursewright.domain.evidence import Evidence, RepairTarget, Verdict
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.verification import Verification, repair_at
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Generations, Lessons
from coursewright.ports.verification import Sandbox, Verifications
from coursewright.verification.requirements.requirement_coverage import (
    check_requirements,
    with_requirements,
)

MAX_LESSON_CHARS = 200_000  # the limit of `check_code`


class VerifyTask(Record):
    """The input of the step."""

    generation: str
    round: int
    model: str
    draft: str
    attempt: int


@dataclass(frozen=True)
class VerifyDraftDeps:
    """Ports used by `verify_draft`."""

    drafts: Drafts
    generations: Generations
    lessons: Lessons
    sandbox: Sandbox
    verifications: Verifications


def verify_draft(task: VerifyTask, *, deps: VerifyDraftDeps) -> Verification:
    """Check a draft's newest parts, once per attempt, and store the evidence.

    Raises: DraftMissing or SandboxUnavailable.
    """
    stored = deps.verifications.get(task.generation, task.draft, task.attempt)
    if stored is not None:
        return stored
    draft = deps.drafts.get(task.generation, task.draft)
    tests = deps.drafts.latest_tests(task.generation, task.draft, attempt=task.attempt)
    solution = deps.drafts.latest_solution(task.generation, task.draft, attempt=task.attempt)
    if tests is None or solution is None:
        missing = "tests" if tests is None else "solution"
        raise DraftMissing(f"{task.generation}: {task.draft} has no {missing}")
    generation_request = deps.generations.get(task.generation).request
    request = check_request(draft, tests, solution, language=generation_request.brief.language)
    request |= _lesson_part(generation_request, draft, deps)
    checked = with_requirements(deps.sandbox.check(request), check_requirements(draft, tests))
    evidence = checked.model_copy(update={"independent": task.attempt == 0})
    return deps.verifications.save(
        task.generation,
        Verification(
            draft=task.draft,
            attempt=task.attempt,
            verdict=evidence.verdict,
            repair=_repair(evidence, task.attempt),
            tests_attempt=tests.attempt,
            solution_attempt=solution.attempt,
            evidence=evidence,
        ),
    )


def _repair(evidence: Evidence, attempt: int) -> RepairTarget:
    if evidence.verdict is Verdict.VERIFIED:
        return RepairTarget.NONE
    return repair_at(evidence.fault, attempt)


def _lesson_part(
    generation_request: GenerationRequest, draft: Draft, deps: VerifyDraftDeps
) -> dict[str, str]:
    """Return the lesson for an SQL draft, because it may teach another database's SQL."""
    if draft.kind is not Kind.SQL:
        return {}
    return {"lesson": deps.lessons.read(generation_request.lesson)[:MAX_LESSON_CHARS]}


def check_request(
    draft: Draft, tests: DraftTests, solution: DraftSolution, *, language: str = ""
) -> dict[str, Any]:
    """Return the input of `check_code` for a draft's parts; `language` is that of the brief."""
    about = {"text": draft.text, "language": language}
    if draft.kind is Kind.PYTHON:
        return about | {
            "kind": "python",
            "file_name": draft.file_name,
            "starter": draft.code,
            "solution": solution.code,
            "tests": tests.tests,
        }
    return about | {
        "kind": "sql",
        "schema_sql": draft.schema_sql,
        "starter": draft.code,
        "solution": solution.code,
        "ordered": tests.ordered,
        "datasets": [dataset.model_dump(mode="json") for dataset in tests.datasets],
    }
