"""Builds a claimed generation and a published assignment."""

from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Audience, Brief, Kind
from coursewright.domain.evidence import Evidence, Verdict
from coursewright.domain.generation import CourseRef, GenerationRequest, ModuleRef
from coursewright.domain.lesson import LessonPointer
from tests.contracts.records import GENERATION, MODEL, NOW


def request() -> GenerationRequest:
    return GenerationRequest(
        generation=GENERATION,
        course=CourseRef(id="python-basics", title="Python basics"),
        module=ModuleRef(id="loops", title="Loops"),
        lesson=LessonPointer(bucket="b", key="lessons/x.html", sha256="x"),
        brief=Brief(
            kind=Kind.PYTHON, tasks_count=2, models=(MODEL,), language="en", audience=Audience()
        ),
        models=(MODEL,),
        reviewers=("ada@example.edu",),
    )


def claimed_item() -> dict[str, Any]:
    return {
        "PK": f"GENERATION#{GENERATION}",
        "SK": "META",
        "status": "running",
        "owner": "me",
        "execution": "arn:aws:states:eu-west-1:123456789012:execution:m:loops-1",
        "started_at": NOW.isoformat(),
        "request": request().model_dump_json(),
        "GSI2PK": "GENERATIONS#2026-01",
        "GSI2SK": "running#1",
    }


def assignment(name_of: str, *, name: str = "Count vowels") -> Assignment:
    return Assignment(
        assignment=name_of,
        course="python-basics",
        module="loops",
        generation=GENERATION,
        draft="openai:m/r1/d1",
        model=MODEL,
        kind=Kind.PYTHON,
        name=name,
        text="<p>Count.</p>",
        code="",
        file_name="solution.py",
        difficulty=1,
        concepts=(),
        schema_sql="",
        tests="",
        datasets=(),
        ordered=False,
        requirements=(),
        solution="",
        explanation="",
        evidence=Evidence(verdict=Verdict.VERIFIED),
        prompt_set="p",
        approved_by="ada@example.edu",
        approved_at=NOW.isoformat(),
    )
