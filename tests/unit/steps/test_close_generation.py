"""Closing a generation settles its budget at the actual cost and keeps reviewers' notes."""

from coursewright.domain.budget import Caps, Reservation
from coursewright.domain.generation import GenerationStatus
from coursewright.domain.model_call import Agent, Answer, AnswerKey, Price, Usage
from coursewright.domain.notification import NotificationKind
from coursewright.steps.close_generation import CloseGenerationDeps, CloseTask, close_generation
from tests.fakes.memory_budget import MemoryBudgets
from tests.fakes.memory_review import MemoryNotificationTopic
from tests.unit.agents.fixtures import (
    GENERATION,
    MODEL,
    NOW,
    AgentFixture,
    agent_fixture,
    changes_requested,
)
from tests.unit.domain.test_league import call

TASK = CloseTask(generation=GENERATION, round=2, status=GenerationStatus.PUBLISHED)
MONTH = "202603"


def closing(
    fixture: AgentFixture, budget: MemoryBudgets, topic: MemoryNotificationTopic | None = None
) -> CloseGenerationDeps:
    return CloseGenerationDeps(
        generations=fixture.deps.generations,
        answers=fixture.answers,
        models=fixture.deps.registry,
        budgets=budget,
        reviews=fixture.reviews,
        clock=fixture.clock,
        publish_notification=(topic or MemoryNotificationTopic()).publish,
        pessimistic=Price(input=15, output=75),
        authoring_url="",
    )


def used(fixture: AgentFixture, usage: Usage) -> None:
    key = AnswerKey(agent=Agent.TESTS, generation=GENERATION, model=MODEL, round=1, step="tests")
    fixture.answers.start(key, lease="l", now=NOW, until=NOW)
    paid = call().model_copy(update={"model": MODEL, "usage": usage})
    fixture.answers.accept(key, Answer(arguments={}, call=paid), lease="l")


def reserved() -> MemoryBudgets:
    budget = MemoryBudgets()
    wanted = Reservation(month=MONTH, generation=GENERATION, round=1, amount=9_000)
    budget.reserve(wanted, caps=Caps(month=10_000, generation=10_000))
    return budget


def test_actual_usage_replaces_the_estimate() -> None:
    fixture, budget = (
        agent_fixture(price_input=2.0, price_cached=0.5, price_output=10.0),
        reserved(),
    )
    used(fixture, Usage(input_tokens=100, cached_tokens=40, output_tokens=10))

    close_generation(TASK, deps=closing(fixture, budget))

    assert budget.reserved == {(MONTH, GENERATION): 60 * 2 + 20 + 100}


def test_a_model_without_a_price_is_not_free() -> None:
    fixture, budget = agent_fixture(), reserved()
    used(fixture, Usage(input_tokens=10, output_tokens=10))

    close_generation(TASK, deps=closing(fixture, budget))

    assert budget.reserved == {(MONTH, GENERATION): 10 * 15 + 10 * 75}


def test_requested_changes_are_stored_once_for_the_course() -> None:
    fixture = agent_fixture()
    decided = changes_requested("  Fewer words, please. ")
    fixture.reviews.open(decided.model_copy(update={"decided_at": NOW}))

    for _ in range(2):
        close_generation(TASK, deps=closing(fixture, reserved()))

    (note,) = fixture.reviews.course_notes("basics", before=NOW.replace(year=2027))
    assert (note.notes, note.module) == ("Fewer words, please.", "Loops")


def test_a_review_without_notes_stores_no_course_note() -> None:
    fixture = agent_fixture()
    fixture.reviews.open(changes_requested(" ").model_copy(update={"decided_at": NOW}))

    close_generation(TASK, deps=closing(fixture, reserved()))

    assert fixture.reviews.course_notes("basics", before=NOW.replace(year=2027)) == ()


def test_subscribers_are_notified_once_that_a_generation_has_expired() -> None:
    fixture, budget, topic = agent_fixture(), reserved(), MemoryNotificationTopic()
    deps = closing(fixture, budget, topic)
    task = TASK.model_copy(update={"status": GenerationStatus.EXPIRED})

    close_generation(task, deps=deps)
    close_generation(task, deps=deps)

    assert [notification.kind for notification in topic.notifications] == [NotificationKind.EXPIRED]
