"""A round's budget is reserved before any model call."""

import os
import subprocess
import sys
from typing import Any

import pytest

from coursewright.agents import cost_estimate
from coursewright.agents.built_prompts import ModelPrompt
from coursewright.agents.cost_estimate import count_prompts, first_round_calls
from coursewright.agents.model_registry import Registry
from coursewright.agents.prompt_builder import (
    prompt_for_conditions,
    prompt_for_solution,
    prompt_for_tests,
    shared_opening,
)
from coursewright.domain.brief import Kind
from coursewright.domain.budget import Caps, tokens
from coursewright.domain.errors import BudgetExceeded
from coursewright.domain.model_call import Price
from coursewright.steps.reserve_budget import ReserveBudgetDeps, ReserveTask, reserve_budget
from local.practice.content import Assignment, portfolios
from tests.fakes.memory_budget import MemoryBudgets
from tests.unit.agents.fixtures import (
    GENERATION,
    LESSON,
    MODEL,
    agent_fixture,
    draft,
    entry,
    request,
)

PESSIMISTIC = Price(input=15, output=75)
ROOMY = Caps(month=50_000_000, generation=50_000_000)


def deps(**changes: Any) -> ReserveBudgetDeps:
    fixture = agent_fixture()
    whole: dict[str, Any] = {
        "generations": fixture.deps.generations,
        "models": fixture.deps.registry,
        "budgets": MemoryBudgets(),
        "caps": ROOMY,
        "max_call_tokens": 200_000,
        "pessimistic": PESSIMISTIC,
    }
    return ReserveBudgetDeps(**(whole | changes))


def task(round_number: int = 1, *, notes: str = "", model: str = MODEL) -> ReserveTask:
    asked = request()
    conditions = prompt_for_conditions(asked, LESSON, notes=notes)
    counts = count_prompts(asked.brief, conditions, shared_opening(asked, LESSON))
    prompt = ModelPrompt(model=model, tokens=counts)
    return ReserveTask(generation=GENERATION, round=round_number, prompts=(prompt,))


def test_a_higher_price_reserves_more() -> None:
    cheap = agent_fixture(price_input=1.0, price_output=5.0).deps.registry
    expensive = agent_fixture(price_input=2.0, price_output=10.0).deps.registry

    small = reserve_budget(task(), deps=deps(models=cheap))
    large = reserve_budget(task(), deps=deps(models=expensive))

    assert large == 2 * small


def test_an_unknown_price_counts_as_the_pessimistic_price() -> None:
    named = agent_fixture(price_input=15.0, price_output=75.0).deps.registry

    unknown = reserve_budget(task(), deps=deps())

    assert unknown == reserve_budget(task(), deps=deps(models=named))
    assert unknown > reserve_budget(task(), deps=deps(pessimistic=Price(input=1, output=1)))


@pytest.mark.parametrize("options", [{"hints": True}, {"mode": "explore"}])
def test_optional_calls_are_reserved_too(options: dict[str, Any]) -> None:
    plain = reserve_budget(task(), deps=deps())
    generations = agent_fixture(options=options).deps.generations

    assert reserve_budget(task(), deps=deps(generations=generations)) > plain


def test_the_step_imports_no_provider_package() -> None:
    code = (
        "import sys; sys.modules['langchain_core'] = sys.modules['langchain'] = None;"
        "import coursewright.steps.reserve_budget"
    )

    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=path
    )

    assert done.returncode == 0, done.stderr


def test_the_estimate_assumes_no_cache_hits() -> None:
    plain = agent_fixture(price_input=2.0, price_output=10.0).deps.registry
    caching = agent_fixture(price_input=2.0, price_cached=0.1, price_output=10.0).deps.registry

    assert reserve_budget(task(), deps=deps(models=plain)) == reserve_budget(
        task(), deps=deps(models=caching)
    )


def test_a_later_round_is_reserved_as_well() -> None:
    budget = MemoryBudgets()
    first = reserve_budget(task(), deps=deps(budgets=budget))

    both = reserve_budget(task(2, notes="Shorter."), deps=deps(budgets=budget))

    assert both > 2 * first
    assert reserve_budget(task(2, notes="Shorter."), deps=deps(budgets=budget)) == both


def test_nothing_is_reserved_for_models_that_are_sent_no_prompt() -> None:
    too_long = ModelPrompt(model="openai:small", outcome="too_long", error="PromptTooLong")
    imported = ModelPrompt(model="imported:file", prompt=None)
    alone = task()
    together = alone.model_copy(update={"prompts": (too_long, *alone.prompts, imported)})
    ended = alone.model_copy(update={"prompts": (too_long,)})

    assert reserve_budget(together, deps=deps()) == reserve_budget(alone, deps=deps())
    assert reserve_budget(ended, deps=deps()) == 0


def test_the_monthly_cap_is_enforced() -> None:
    caps = Caps(month=1_000, generation=50_000_000)

    with pytest.raises(BudgetExceeded, match="Raise MonthlyBudgetUsd"):
        reserve_budget(task(), deps=deps(caps=caps))


def test_a_call_that_is_too_long_is_refused_before_it_is_made() -> None:
    with pytest.raises(BudgetExceeded, match="A call for the conditions needs about"):
        reserve_budget(task(), deps=deps(max_call_tokens=2_000))


@pytest.mark.parametrize("kind", list(Kind))
def test_the_estimate_covers_the_prompts_that_are_actually_sent(kind: Kind) -> None:
    wanted, shown = request(kind), draft(kind)

    calls = {call.what: call for call in first_round_calls(wanted, LESSON)}

    sent = {
        "conditions": prompt_for_conditions(wanted, LESSON),
        "tests": prompt_for_tests(shared_opening(wanted, LESSON), shown),
        "solution": prompt_for_solution(shared_opening(wanted, LESSON), shown),
    }
    for what, prompt in sent.items():
        assert tokens(prompt.text) < calls[what].input_tokens < 2 * tokens(prompt.text)


def test_the_figures_match_the_longest_work_of_the_practice_authors() -> None:
    works = [
        (portfolio.kind, assignment)
        for portfolio in portfolios()
        for assignment in portfolio.assignments
    ]

    longest_draft = max(tokens(_draft(assignment)) for _, assignment in works)
    longest_solution = max(
        tokens(assignment.solution + assignment.explanation) for _, assignment in works
    )

    assert longest_draft <= cost_estimate.ASSIGNMENT_TOKENS <= 1.3 * longest_draft
    assert longest_solution <= cost_estimate.SOLUTION_TOKENS <= 1.5 * longest_solution
    for kind in Kind:
        longest = max(
            tokens(_tests(assignment)) for of, assignment in works if of.value == kind.value
        )
        assert longest <= cost_estimate.TESTS_TOKENS[kind] <= 1.5 * longest


def test_a_model_missing_from_the_registry_counts_as_unknown() -> None:
    other = Registry([entry(id="openai:other", price_input=1.0, price_output=1.0)])

    assert reserve_budget(task(), deps=deps(models=other)) == reserve_budget(task(), deps=deps())


def _draft(assignment: Assignment) -> str:
    return assignment.name + assignment.text + assignment.starter + assignment.schema_sql


def _tests(assignment: Assignment) -> str:
    requirements = "".join(
        requirement.test + requirement.quote for requirement in assignment.requirements
    )
    datasets = "".join(f"{data.seed_sql}{data.columns}{data.rows}" for data in assignment.datasets)
    return assignment.tests + requirements + datasets
