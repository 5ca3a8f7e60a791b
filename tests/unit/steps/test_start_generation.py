"""Each module of a course is started once, as long as the course's budget allows."""

import json
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.author import Author
from coursewright.domain.errors import BudgetExceeded, EventInvalid
from coursewright.domain.model_call import Price
from coursewright.settings import Settings
from coursewright.steps.start_generation import Started, StartGenerationDeps, start_generation
from tests.fakes.memory_agents import MemoryGenerations, MemoryLessons
from tests.fakes.memory_authoring import MemoryExecutions
from tests.fakes.memory_budget import MemoryBudgets
from tests.fakes.memory_review import MemoryAudit
from tests.unit.agents.fixtures import agent_fixture
from tests.unit.review.builders import FixedClock

EVENTS = Path(__file__).parents[3] / "events" / "start_generation"


class StartFixture:
    """The step with fake dependencies."""

    def __init__(self) -> None:
        fixture = agent_fixture(price_input=1.0, price_output=1.0)
        self.executions, self.budgets = MemoryExecutions(), MemoryBudgets()
        self.lessons = MemoryLessons()
        self.audit = MemoryAudit()
        self.model = fixture.deps.registry.entries()[0].id
        self.deps = StartGenerationDeps(
            lessons=self.lessons,
            generations=MemoryGenerations(),
            executions=self.executions,
            models=fixture.deps.registry,
            budgets=self.budgets,
            pessimistic=Price(input=15, output=75),
            audit=self.audit,
            clock=FixedClock(),
            salt=lambda: "salt",
        )

    def start(
        self,
        module: str,
        *,
        author: dict[str, str] | None = None,
        reviewers: list[str] | None = None,
        settings: dict[str, str] | None = None,
        **course_run: Any,
    ) -> Started:
        event = json.loads((EVENTS / "small.json").read_text("utf-8"))
        event["detail"]["module"]["id"] = module
        event["detail"]["brief"]["models"] = [self.model]
        event |= {"course_run": course_run} if course_run else {}
        event["detail"] |= {"author": author} if author else {}
        event["detail"] |= {"reviewers": reviewers} if reviewers else {}
        chosen = Settings.model_validate(settings or {})
        return start_generation(event, deps=self.deps, settings=chosen)


def test_a_platform_event_reserves_nothing_from_a_course_budget() -> None:
    fixture = StartFixture()

    started = fixture.start("loops")

    assert started.duplicate is False
    assert fixture.budgets.course_shares == {}


def test_a_module_reserves_its_estimate_once() -> None:
    fixture = StartFixture()

    first, again = (fixture.start("loops", id="run", budget_usd=1) for _ in range(2))

    assert (first.duplicate, again.duplicate) == (False, True)
    assert list(fixture.budgets.course_shares) == [("run", first.generation)]
    assert fixture.budgets.course_shares["run", first.generation] > 0


def test_modules_are_started_within_the_budget() -> None:
    fixture = StartFixture()
    fixture.start("first", id="probe", budget_usd=1)
    (share,) = fixture.budgets.course_shares.values()
    budget_usd = 2.5 * share / 1_000_000

    for module in ("loops", "joins"):
        fixture.start(module, id="run", budget_usd=budget_usd)
    with pytest.raises(BudgetExceeded, match="larger budget; no module is started twice"):
        fixture.start("sets", id="run", budget_usd=budget_usd)

    assert [execution.module.id for execution in fixture.executions.started.values()] == [
        "first",
        "loops",
        "joins",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"id": "run"}, "course_run.budget_usd"),
        ({"id": "run", "budget_usd": "much"}, "course_run.budget_usd"),
        ({"id": "run", "budget_usd": -1}, "course_run.budget_usd"),
        ({"id": "run", "budget_usd": float("inf")}, "course_run.budget_usd"),
        ({"id": "", "budget_usd": 1}, "course_run.id"),
    ],
)
def test_an_invalid_budget_is_reported_before_anything_is_started(
    given: dict[str, Any], field: str
) -> None:
    fixture = StartFixture()

    with pytest.raises(EventInvalid) as caught:
        fixture.start("loops", **given)

    assert caught.value.field == field
    assert fixture.executions.started == {}


AUTHOR = {"sub": "9f3c", "name": "Lin Chen", "email": "lin@example.edu"}


def test_the_author_is_stored_with_the_generation_and_audited_by_pseudonym() -> None:
    fixture = StartFixture()

    started = fixture.start("loops", author=AUTHOR)

    (request,) = fixture.executions.started.values()
    (entry,) = fixture.audit.entries(started.generation)
    assert request.author == Author.model_validate(AUTHOR)
    assert entry["event"] == "generation_requested"
    assert entry["author"] == request.author.pseudonym(request.author_salt)
    assert not any(text in str(entry) for text in AUTHOR.values())


def test_the_same_request_by_another_author_starts_nothing() -> None:
    fixture = StartFixture()
    first = fixture.start("loops", author=AUTHOR)

    again = fixture.start("loops", author=AUTHOR | {"sub": "other"})

    assert (again.generation, again.duplicate) == (first.generation, True)


@pytest.mark.parametrize(
    ("reviewers", "settings", "code"),
    [
        (["dean@other.example"], {"reviewer_domains": "example.edu"}, "reviewer_domain"),
        (None, {"reviewer_domains": "example.org"}, "reviewer_domain"),
        (["ada@example.edu", "lin@example.edu"], {}, "author_reviews"),
    ],
)
def test_a_reviewer_who_may_not_review_is_refused_before_anything_is_stored(
    reviewers: list[str] | None, settings: dict[str, str], code: str
) -> None:
    fixture = StartFixture()

    with pytest.raises(EventInvalid) as refused:
        fixture.start("loops", author=AUTHOR, reviewers=reviewers, settings=settings)

    assert (refused.value.field, refused.value.code) == ("detail.reviewers", code)
    assert fixture.executions.started == {}
