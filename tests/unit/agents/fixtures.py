"""Builds a generation with in-memory ports, and valid answers, for the agents' tests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.model_registry import ModelEntry, Registry
from coursewright.agents.part_task import PartTask
from coursewright.domain.assignment import Authorship, Draft
from coursewright.domain.brief import Audience, Brief, Kind
from coursewright.domain.evidence import (
    Evidence,
    Failure,
    Finding,
    FindingCode,
    Mutants,
    RepairTarget,
    Verdict,
)
from coursewright.domain.generation import (
    CourseRef,
    Generation,
    GenerationRequest,
    GenerationStatus,
    ModuleRef,
)
from coursewright.domain.review import Decision, Review
from coursewright.domain.verification import Verification
from coursewright.ports.agents import ModelKey
from coursewright.steps.write_conditions import ConditionsTask
from tests.fakes.memory_agents import (
    FixedClock,
    MemoryAnswers,
    MemoryBuiltPrompts,
    MemoryDrafts,
    MemoryGenerations,
    MemoryLessons,
    MemoryModelKeys,
)
from tests.fakes.memory_review import MemoryAssignments, MemoryReviews, MemoryVerifications

GENERATION = "0123456789abcdef"
MODEL = "openai:scripted"
DRAFT = f"{MODEL}/r1/d1"
LESSON = "<h1>Loops</h1><p>A <code>for</code> loop visits each element. It costs $5.</p>"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INVOCATION = InvocationContext(lease="request-1", seconds_left=60)
CONDITIONS = ConditionsTask(generation=GENERATION, round=1, model=MODEL)
PART = PartTask(generation=GENERATION, round=1, model=MODEL, draft=DRAFT, attempt=0)
GOOD_TESTS: dict[str, Any] = {
    "tests": "import unittest\nfrom solution import total\n",
    "requirements": [{"test": "test_sum", "quote": "the sum"}],
}
GOOD_DATASETS: dict[str, Any] = {
    "datasets": [
        {
            "name": "everyday",
            "seed_sql": "INSERT INTO loan (id) VALUES (1);",
            "expected_columns": ["id", "share"],
            "expected_rows": [[1, 0.5], [2, None]],
        }
    ],
    "ordered": True,
}
GOOD_SOLUTION = {
    "code": "def total(numbers):\n    return sum(numbers)\n",
    "explanation": "It adds.",
}


@dataclass(frozen=True, kw_only=True)
class AgentFixture:
    """The agents' dependencies, and the fakes among them with their concrete types."""

    deps: AgentDeps
    answers: MemoryAnswers
    built_prompts: MemoryBuiltPrompts
    drafts: MemoryDrafts
    verifications: MemoryVerifications
    reviews: MemoryReviews
    assignments: MemoryAssignments
    clock: FixedClock


def good_assignments(count: int = 2) -> dict[str, Any]:
    """Return a valid answer from the first agent."""
    items = [
        {
            "name": f"Sum {number}",
            "text": "<p>Return the sum of <em>numbers</em> & more.</p>",
            "code": "def total(numbers):\n    pass\n",
            "difficulty": number,
        }
        for number in range(1, count + 1)
    ]
    return {"assignments": items}


def entry(base_url: str = "http://127.0.0.1:9/v1", **changes: Any) -> ModelEntry:
    """Return a registry entry for the scripted provider."""
    facts: dict[str, Any] = {
        "id": MODEL,
        "label": "Scripted",
        "group": "Tests",
        "provider": "openai",
        "name": "scripted",
        "tool_calling": True,
        "base_url": base_url,
        "key": "SCRIPTED_KEY",
        "max_output_tokens": 1_000,
    }
    return ModelEntry.model_validate(facts | changes)


def request(kind: Kind = Kind.PYTHON, **options: Any) -> GenerationRequest:
    """Return the course author's request."""
    lesson = MemoryLessons().save(LESSON)
    brief = Brief(
        kind=kind,
        tasks_count=2,
        models=(MODEL,),
        language="de",
        audience=Audience(known_topics=("variables", "if")),
        **options,
    )
    return GenerationRequest(
        generation=GENERATION,
        course=CourseRef(id="basics", title="Basics"),
        module=ModuleRef(id="loops", title="Loops"),
        lesson=lesson,
        brief=brief,
        models=brief.models,
        reviewers=("ada@example.edu",),
    )


def draft(kind: Kind = Kind.PYTHON, number: int = 1) -> Draft:
    """Return a draft as saved by the first agent."""
    is_python = kind is Kind.PYTHON
    return Draft(
        draft=f"{MODEL}/r1/d{number}",
        generation=GENERATION,
        round=1,
        model=MODEL,
        number=number,
        kind=kind,
        name="Sum & <co>",
        text="<p>Return the sum of <em>numbers</em> if x &lt; 3.</p>",
        code="def total(numbers):\n    pass\n" if is_python else "SELECT -- what?",
        file_name="solution.py" if is_python else "solution.sql",
        difficulty=1,
        concepts=("for",),
        schema_sql="" if is_python else "CREATE TABLE loan (id INTEGER PRIMARY KEY);",
        authorship=Authorship(prompt_set="p", prompt_sha256="s"),
    )


def agent_fixture(
    base_url: str = "http://127.0.0.1:9/v1",
    *,
    kind: Kind = Kind.PYTHON,
    model_key: ModelKey | None = None,
    has_draft: bool = False,
    options: dict[str, Any] | None = None,
    **changes: Any,
) -> AgentFixture:
    """Return a claimed generation with its lesson and, if requested, a draft."""
    lessons = MemoryLessons()
    lessons.save(LESSON)
    generation = Generation(
        request=request(kind, **(options or {})),
        status=GenerationStatus.RUNNING,
        started_at=NOW,
        execution="run",
    )
    drafts = MemoryDrafts()
    if has_draft:
        drafts.save_drafts((draft(kind),))
        drafts.saves = 0
    answers, built_prompts, clock = MemoryAnswers(), MemoryBuiltPrompts(), FixedClock(NOW)
    verifications, reviews = MemoryVerifications(), MemoryReviews()
    assignments = MemoryAssignments()
    deps = AgentDeps(
        generations=MemoryGenerations(generation),
        lessons=lessons,
        drafts=drafts,
        answers=answers,
        built_prompts=built_prompts,
        verifications=verifications,
        reviews=reviews,
        assignments=assignments,
        registry=Registry([entry(base_url, **changes)]),
        model_key=model_key or MemoryModelKeys(("127.0.0.1",), SCRIPTED_KEY="sk-scripted").get,
        clock=clock,
    )
    return AgentFixture(
        deps=deps,
        answers=answers,
        built_prompts=built_prompts,
        drafts=drafts,
        verifications=verifications,
        reviews=reviews,
        assignments=assignments,
        clock=clock,
    )


def rejected(attempt: int = 0) -> Verification:
    """Return evidence for a draft whose solution fails."""
    return Verification(
        draft=DRAFT,
        attempt=attempt,
        verdict=Verdict.REJECTED,
        repair=RepairTarget.TESTS,
        tests_attempt=0,
        solution_attempt=0,
        evidence=Evidence(
            verdict=Verdict.REJECTED,
            reasons=(Finding(code=FindingCode.SOLUTION_FAILS, where=("T.test_sum",)),),
            failures=(Failure(test="T.test_sum", message="AssertionError: 3 != 4"),),
            mutants=Mutants(total=2, killed=1, survivors=("line 2: + became -",)),
        ),
    )


def changes_requested(notes: str) -> Review:
    """Return a review of round 1 that requests changes."""
    return Review(
        review=f"REVIEW#{GENERATION}#1",
        generation=GENERATION,
        round=1,
        drafts=(),
        reviewers=("ada@example.edu",),
        shown_sha256="0" * 64,
        link_salt="n",
        opened_at=NOW,
        expires_at=NOW,
        decision=Decision.CHANGES_REQUESTED,
        notes=notes,
    )
