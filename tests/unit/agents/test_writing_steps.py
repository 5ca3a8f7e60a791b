"""Tests what the agents' steps read and return, and what they never disclose."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from coursewright.domain.brief import Kind
from coursewright.domain.errors import DraftMissing
from coursewright.domain.model_call import Agent
from coursewright.domain.review import CourseNote
from coursewright.steps.write_conditions import ConditionsTask, write_conditions
from coursewright.steps.write_solution import write_solution
from coursewright.steps.write_tests import write_tests
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    CONDITIONS,
    DRAFT,
    GENERATION,
    GOOD_DATASETS,
    GOOD_SOLUTION,
    GOOD_TESTS,
    INVOCATION,
    MODEL,
    NOW,
    PART,
    agent_fixture,
    changes_requested,
    good_assignments,
    rejected,
)

TESTS = completion(("save_tests", GOOD_TESTS))
SOLUTION = completion(("save_solution", GOOD_SOLUTION))
REPAIR = PART.model_copy(update={"attempt": 1, "evidence": f"VERIFICATION#{DRAFT}#0"})


def test_tests_and_solution_are_written_without_seeing_each_other() -> None:
    with ScriptedProvider([TESTS, SOLUTION]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        tests = write_tests(PART, deps=fixture.deps, invocation=INVOCATION)
        solution = write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

    assert tests == {"saved": "tests", "attempt": 0}
    assert solution == {"saved": "solution", "attempt": 0}
    assert "from solution import total\n" not in provider.prompt(1)
    assert "Evidence" not in provider.prompt(0) + provider.prompt(1)


def test_answers_are_stored_under_the_steps_own_keys() -> None:
    with ScriptedProvider([TESTS, SOLUTION]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)
        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

    calls = [*fixture.answers.calls(Agent.TESTS, GENERATION)]
    calls += fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert [call.step for call in calls] == [f"tests:{DRAFT}:0", f"solution:{DRAFT}:0"]


@pytest.mark.parametrize(
    ("step", "good", "shown", "hidden"),
    [
        (write_tests, TESTS, "from solution import total", "return sum(numbers)"),
        (write_solution, SOLUTION, "return sum(numbers)", "from solution import total\n"),
    ],
)
def test_a_repair_sees_its_own_part_and_the_evidence(
    step: Callable[..., dict[str, object]], good: Any, shown: str, hidden: str
) -> None:
    with ScriptedProvider([TESTS, SOLUTION, good]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)
        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)
        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)
        fixture.verifications.save(GENERATION, rejected())

        result = step(REPAIR, deps=fixture.deps, invocation=INVOCATION)

    assert result["attempt"] == 1
    assert "AssertionError: 3 != 4" in provider.prompt()
    assert shown in provider.prompt()
    assert hidden not in provider.prompt()


def test_a_repair_without_evidence_is_an_error() -> None:
    fixture = agent_fixture(has_draft=True)

    with pytest.raises(DraftMissing, match="no evidence for attempt 0"):
        write_tests(REPAIR, deps=fixture.deps, invocation=INVOCATION)


def test_a_draft_of_another_model_is_refused() -> None:
    fixture = agent_fixture(has_draft=True)
    task = PART.model_copy(update={"model": "openai:other"})

    with pytest.raises(DraftMissing, match="not a draft of openai:other"):
        write_solution(task, deps=fixture.deps, invocation=INVOCATION)


def test_an_sql_draft_gets_datasets() -> None:
    with ScriptedProvider([completion(("save_tests", GOOD_DATASETS))]) as provider:
        fixture = agent_fixture(provider.url, kind=Kind.SQL, has_draft=True)

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    saved = fixture.drafts.latest_tests(GENERATION, DRAFT, attempt=0)
    assert saved is not None
    assert saved.datasets[0].name == "everyday"


def test_a_later_round_follows_the_reviewers_notes() -> None:
    with ScriptedProvider([completion(("save_assignments", good_assignments()))]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)
        fixture.reviews.open(changes_requested("Fewer words, please."))
        task = ConditionsTask(
            generation=GENERATION, round=2, model=MODEL, notes=f"REVIEW#{GENERATION}#1"
        )

        result = write_conditions(task, deps=fixture.deps, invocation=INVOCATION)

    assert result == {"drafts": [f"{MODEL}/r2/d1", f"{MODEL}/r2/d2"]}
    assert "Fewer words, please." in provider.prompt()
    assert "Sum & <co>" in provider.prompt()


def test_the_prompt_is_stored_as_sent() -> None:
    with ScriptedProvider([TESTS]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    assert [*fixture.answers.prompts.values()] == [provider.prompt()]


def test_earlier_requests_of_the_courses_reviewers_are_in_the_prompt() -> None:
    with ScriptedProvider([completion(("save_assignments", good_assignments()))]) as provider:
        fixture = agent_fixture(provider.url)
        for number, when in enumerate([NOW - timedelta(days=day) for day in range(8, 0, -1)]):
            fixture.reviews.add_course_note(
                "basics", note(f"request {number}. " + "x" * 2_000, when)
            )
        fixture.reviews.add_course_note("basics", note("too late", NOW + timedelta(days=1)))
        fixture.reviews.add_course_note("other", note("of another course", NOW - timedelta(days=1)))

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    prompt = provider.prompt()
    assert [f"request {number}." in prompt for number in range(8)] == [False] * 3 + [True] * 5
    assert "too late" not in prompt
    assert "of another course" not in prompt
    assert prompt.count("x" * 500) <= 5


def note(text: str, when: datetime) -> CourseNote:
    return CourseNote(review=f"REVIEW#{when}", module="Lists", notes=text, decided_at=when)
