"""Each agent's step saves its part of an imported file without calling a model."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from coursewright.agents.model_registry import ModelEntry, Registry, load_registry
from coursewright.agents.part_task import PartTask
from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ModelDisabled, ModelRefused
from coursewright.domain.export import Format
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.domain.model_call import IMPORTED, Agent
from coursewright.exports.export import export
from coursewright.exports.provenance import content_sha256
from coursewright.steps.write_conditions import ConditionsTask, write_conditions
from coursewright.steps.write_solution import write_solution
from coursewright.steps.write_tests import write_tests
from tests.exports.samples import SPECIAL_CHARACTERS, SQL_VALUES, SUM_EVEN, assignment
from tests.fakes.memory_agents import MemoryGenerations, MemoryLessons
from tests.unit.agents.fixtures import (
    GENERATION,
    INVOCATION,
    NOW,
    AgentFixture,
    agent_fixture,
    request,
)

CONDITIONS = ConditionsTask(generation=GENERATION, round=1, model=IMPORTED)
PYTHON = [assignment(SUM_EVEN), assignment(SPECIAL_CHARACTERS)]


def imported(lesson: str, kind: Kind = Kind.PYTHON, **changes: Any) -> AgentFixture:
    """Return a generation whose lesson is an import file."""
    fixture = agent_fixture(kind=kind)
    lessons = MemoryLessons()
    wanted = request(kind)
    brief = wanted.brief.model_copy(update={"models": (IMPORTED,)} | changes)
    wanted = wanted.model_copy(
        update={"lesson": lessons.save(lesson), "brief": brief, "models": (IMPORTED,)}
    )
    generation = Generation(
        request=wanted, status=GenerationStatus.RUNNING, started_at=NOW, execution="run"
    )
    deps = dataclasses.replace(
        fixture.deps, lessons=lessons, generations=MemoryGenerations(generation)
    )
    return dataclasses.replace(fixture, deps=deps)


def lines(assignments: Sequence[Assignment]) -> str:
    return b"".join(file.content for file in export(assignments, Format.JSONL)).decode()


def part(number: int, attempt: int = 0) -> PartTask:
    return PartTask(
        generation=GENERATION,
        round=1,
        model=IMPORTED,
        draft=f"{IMPORTED}/r1/d{number}",
        attempt=attempt,
    )


def test_each_agent_saves_its_part_of_the_file() -> None:
    fixture = imported(lines(PYTHON))

    drafts = write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)["drafts"]
    write_tests(part(2), deps=fixture.deps, invocation=INVOCATION)
    write_solution(part(2), deps=fixture.deps, invocation=INVOCATION)

    assert drafts == [f"{IMPORTED}/r1/d1", f"{IMPORTED}/r1/d2"]
    draft = fixture.drafts.get(GENERATION, drafts[1])
    tests = fixture.drafts.latest_tests(GENERATION, drafts[1], attempt=0)
    solution = fixture.drafts.latest_solution(GENERATION, drafts[1], attempt=0)
    assert (draft.name, draft.code, draft.file_name) == (
        SPECIAL_CHARACTERS["name"],
        SPECIAL_CHARACTERS["code"],
        SPECIAL_CHARACTERS["file_name"],
    )
    assert tests
    assert tests.tests == SPECIAL_CHARACTERS["tests"]
    assert solution
    assert solution.code == SPECIAL_CHARACTERS["solution"]


def test_an_sql_assignment_is_imported_with_its_datasets() -> None:
    exported = assignment(SQL_VALUES)
    fixture = imported(lines([exported]), Kind.SQL, tasks_count=1)

    write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
    write_tests(part(1), deps=fixture.deps, invocation=INVOCATION)

    draft = fixture.drafts.get(GENERATION, f"{IMPORTED}/r1/d1")
    tests = fixture.drafts.latest_tests(GENERATION, draft.draft, attempt=0)
    assert draft.schema_sql == exported.schema_sql
    assert tests
    assert tests.datasets == exported.datasets


def test_no_model_is_called_and_a_replay_changes_nothing() -> None:
    fixture = imported(lines(PYTHON))

    write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
    write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert fixture.answers.prompts == {}
    assert fixture.answers.calls(Agent.CONDITIONS, GENERATION) == ()


def test_a_draft_names_the_record_it_came_from() -> None:
    fixture = imported(lines(PYTHON))

    write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    authorship = fixture.drafts.get(GENERATION, f"{IMPORTED}/r1/d1").authorship
    assert authorship.prompt_set == "2026-01"
    assert authorship.prompt_sha256 == content_sha256(PYTHON[0])


def test_a_lesson_that_is_not_an_export_is_refused() -> None:
    fixture = imported("<h1>Loops</h1>")

    with pytest.raises(ModelRefused, match="not a file of assignments: line 1"):
        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)


def test_a_file_with_the_wrong_number_of_assignments_is_refused() -> None:
    fixture = imported(lines(PYTHON[:1]))

    with pytest.raises(ModelRefused, match="The file does not match the schema: assignments"):
        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)


def test_an_imported_file_is_never_rewritten() -> None:
    fixture = imported(lines(PYTHON))
    write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    with pytest.raises(ModelRefused, match="Edit the draft or reject it"):
        write_conditions(
            CONDITIONS.model_copy(update={"round": 2, "notes": "REVIEW#x#1"}),
            deps=fixture.deps,
            invocation=INVOCATION,
        )
    with pytest.raises(ModelRefused, match="cannot be rewritten"):
        write_solution(part(1, attempt=1), deps=fixture.deps, invocation=INVOCATION)


def test_the_imported_file_is_free_and_cannot_be_chosen_as_a_model() -> None:
    registry = load_registry()

    assert registry.get(IMPORTED).label == "Imported file"
    assert registry.price(IMPORTED).input == 0
    assert IMPORTED not in {entry.id for entry in registry.entries()}


def test_an_operator_may_disable_imports() -> None:
    entry = load_registry().get(IMPORTED)
    disabled = ModelEntry.model_validate(entry.model_dump() | {"disabled": True})

    with pytest.raises(ModelDisabled):
        Registry([disabled]).get(IMPORTED)
