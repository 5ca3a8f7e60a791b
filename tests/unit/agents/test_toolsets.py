"""Each agent has one tool, which saves only to the caller's task."""

from typing import Any

import pytest

from coursewright.agents.toolsets import (
    AgentService,
    ConditionsService,
    SolutionService,
    TestsService,
)
from coursewright.domain.assignment import Authorship
from coursewright.domain.brief import Kind
from coursewright.domain.errors import DraftConflict
from tests.fakes.memory_agents import MemoryDrafts
from tests.unit.agents.fixtures import (
    DRAFT,
    GENERATION,
    GOOD_DATASETS,
    GOOD_SOLUTION,
    GOOD_TESTS,
    MODEL,
    good_assignments,
    request,
)

PROMPTED = Authorship(prompt_set="set", prompt_sha256="sha")


def services(drafts: MemoryDrafts) -> list[tuple[AgentService, dict[str, Any]]]:
    brief = request().brief
    return [
        (ConditionsService(GENERATION, 1, MODEL, brief, drafts), good_assignments()),
        (TestsService(GENERATION, DRAFT, 0, Kind.PYTHON, drafts), GOOD_TESTS),
        (SolutionService(GENERATION, DRAFT, 0, drafts), GOOD_SOLUTION),
    ]


def test_each_agent_has_one_tool_that_ends_its_task() -> None:
    toolsets = [service.tools(PROMPTED) for service, _ in services(MemoryDrafts())]

    names = [[tool.name for tool in tools] for tools in toolsets]
    assert names == [["save_assignments"], ["save_tests"], ["save_solution"]]
    assert all(tools[0].return_direct for tools in toolsets)


def test_a_tool_saves_for_the_callers_task() -> None:
    drafts = MemoryDrafts()

    for service, arguments in services(drafts):
        service.tools(PROMPTED)[0].invoke(arguments)

    (first, second) = drafts.of_round(GENERATION, 1)
    tests = drafts.latest_tests(GENERATION, DRAFT, attempt=0)
    solution = drafts.latest_solution(GENERATION, DRAFT, attempt=0)
    assert (first.draft, first.model, first.number, second.number) == (DRAFT, MODEL, 1, 2)
    assert tests is not None
    assert solution is not None
    assert first.authorship == tests.authorship == solution.authorship == PROMPTED


def test_datasets_become_records() -> None:
    drafts = MemoryDrafts()

    TestsService(GENERATION, DRAFT, 1, Kind.SQL, drafts).save(GOOD_DATASETS, PROMPTED)

    tests = drafts.latest_tests(GENERATION, DRAFT, attempt=1)
    assert tests is not None
    assert (tests.tests, tests.ordered, tests.attempt) == ("", True, 1)
    assert tests.datasets[0].expected_rows == ((1, 0.5), (2, None))


def test_saving_the_same_answer_is_a_replay_and_a_different_one_a_conflict() -> None:
    drafts = MemoryDrafts()
    service = SolutionService(GENERATION, DRAFT, 0, drafts)
    service.save(GOOD_SOLUTION, PROMPTED)

    service.save(GOOD_SOLUTION, PROMPTED)

    with pytest.raises(DraftConflict):
        service.save(GOOD_SOLUTION | {"code": "other"}, PROMPTED)
