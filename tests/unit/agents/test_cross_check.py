"""Another model solves a draft using only its text, and the draft's tests check the solution."""

from typing import Any

import pytest

from coursewright.agents.cost_estimate import first_round_calls
from coursewright.domain.assignment import DraftSolution, DraftTests
from coursewright.domain.draft_task import DraftTask
from coursewright.domain.errors import DraftMissing
from coursewright.domain.evidence import (
    Cause,
    Difference,
    Evidence,
    Failure,
    Finding,
    FindingCode,
    Verdict,
)
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent
from coursewright.domain.verification import Disagreement
from coursewright.steps.cross_check_draft import CrossCheckTask, cross_check_draft
from coursewright.steps.solve_draft import solve_draft
from coursewright.steps.write_solution import write_solution
from coursewright.steps.write_tests import write_tests
from coursewright.verification.rejections import unfinished
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    DRAFT,
    GENERATION,
    GOOD_SOLUTION,
    GOOD_TESTS,
    INVOCATION,
    LESSON,
    MODEL,
    PART,
    AgentFixture,
    agent_fixture,
    request,
)

SOLUTION = completion(("save_solution", GOOD_SOLUTION))
TESTS = completion(("save_tests", GOOD_TESTS))
TASK = DraftTask(generation=GENERATION, round=1, model=MODEL, draft=DRAFT)
CHECK = CrossCheckTask(generation=GENERATION, draft=DRAFT, solver=MODEL)


NONE_FOR_EMPTY = Difference(input="total([])", result="None", own_result="0")


class ScriptedSandbox:
    def __init__(self, **evidence: Any) -> None:
        self.evidence = Evidence(verdict=Verdict.REJECTED, **evidence)
        self.requests: list[dict[str, Any]] = []

    def check(self, request: dict[str, Any]) -> Evidence:
        self.requests.append(request)
        return self.evidence


def solved(url: str = "http://127.0.0.1:1") -> AgentFixture:
    fixture = agent_fixture(url, has_draft=True)
    authorship = fixture.drafts.get(GENERATION, DRAFT).authorship
    tests = DraftTests(
        draft=DRAFT,
        attempt=0,
        tests="the tests",
        datasets=(),
        ordered=False,
        requirements=(),
        authorship=authorship,
    )
    blind = DraftSolution(
        draft=DRAFT, attempt=0, code="blind = 1", explanation="", authorship=authorship
    )
    fixture.drafts.save_tests(GENERATION, tests)
    fixture.drafts.save_blind_solution(GENERATION, MODEL, blind)
    return fixture


def test_a_solver_sees_only_text_and_starter_code() -> None:
    with ScriptedProvider([TESTS, SOLUTION, SOLUTION]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)
        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)
        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

        result = solve_draft(TASK, deps=fixture.deps, invocation=INVOCATION)

    draft = fixture.drafts.get(GENERATION, DRAFT)
    assert result == {"solved": DRAFT}
    assert draft.text in provider.prompt()
    assert draft.code in provider.prompt()
    assert LESSON not in provider.prompt()
    assert "from solution import total\n" not in provider.prompt()
    assert "return sum(numbers)" not in provider.prompt()


def test_a_solver_has_its_own_ledger_entry_and_is_paid_once() -> None:
    with ScriptedProvider([SOLUTION]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        solve_draft(TASK, deps=fixture.deps, invocation=INVOCATION)
        solve_draft(TASK, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 1
    (call,) = fixture.answers.calls(Agent.SOLVER, GENERATION)
    assert call.step == f"solver:{DRAFT}:0"
    assert fixture.drafts.blind_solution(GENERATION, DRAFT, MODEL).code == GOOD_SOLUTION["code"]
    assert fixture.drafts.latest_solution(GENERATION, DRAFT, attempt=0) is None


def test_a_solution_that_passes_the_tests_agrees() -> None:
    fixture, sandbox = solved(), ScriptedSandbox(solution_passes=True)

    check = cross_check_draft(
        CHECK, drafts=fixture.drafts, sandbox=sandbox, verifications=fixture.verifications
    )

    assert (check.agrees, check.disagreements) == (True, ())
    assert sandbox.requests[0]["solution"] == "blind = 1"
    assert fixture.verifications.cross_checks(GENERATION, 1) == (check,)


def test_the_drafts_own_solution_is_compared_too() -> None:
    fixture = solved()
    sandbox = ScriptedSandbox(solution_passes=True, differences=(NONE_FOR_EMPTY,))
    fixture.drafts.save_solution(
        GENERATION,
        fixture.drafts.blind_solution(GENERATION, DRAFT, MODEL).model_copy(
            update={"code": "own = 1"}
        ),
    )

    check = cross_check_draft(
        CHECK, drafts=fixture.drafts, sandbox=sandbox, verifications=fixture.verifications
    )

    assert sandbox.requests[0]["reference"] == "own = 1"
    assert check.agrees is False
    assert check.disagreements == (Disagreement(solver=MODEL, difference=NONE_FOR_EMPTY),)


def test_a_disagreement_is_a_concrete_input_with_both_outputs() -> None:
    failure = Failure(test="T.test_empty", message="total([])\nNone != 0")
    fixture = solved()
    sandbox = ScriptedSandbox(failures=(failure,))

    check = cross_check_draft(
        CHECK, drafts=fixture.drafts, sandbox=sandbox, verifications=fixture.verifications
    )

    assert check.agrees is False
    assert check.disagreements == (Disagreement(solver=MODEL, failure=failure),)


def test_a_solution_that_does_not_run_reports_the_reason() -> None:
    reason = Finding(code=FindingCode.TIMED_OUT)
    fixture = solved()
    sandbox = ScriptedSandbox(reasons=(reason,))

    check = cross_check_draft(
        CHECK, drafts=fixture.drafts, sandbox=sandbox, verifications=fixture.verifications
    )

    assert check.disagreements == (Disagreement(solver=MODEL, reason=reason),)


def test_solutions_that_could_not_be_compared_do_not_agree() -> None:
    doubt = unfinished(Cause.NOT_COMPARED)
    fixture = solved()
    sandbox = ScriptedSandbox(solution_passes=True, doubts=(doubt,))

    check = cross_check_draft(
        CHECK, drafts=fixture.drafts, sandbox=sandbox, verifications=fixture.verifications
    )

    assert check.agrees is False
    assert check.disagreements == (Disagreement(solver=MODEL, reason=doubt),)


def test_a_draft_without_the_solvers_solution_cannot_be_checked() -> None:
    fixture = solved()
    task = CHECK.model_copy(update={"solver": "openai:other"})

    with pytest.raises(DraftMissing, match="no solution by openai:other"):
        cross_check_draft(
            task,
            drafts=fixture.drafts,
            sandbox=ScriptedSandbox(),
            verifications=fixture.verifications,
        )


def test_the_estimate_counts_every_draft_of_the_other_models() -> None:
    alone, together = request(), request()
    brief = together.brief.model_copy(
        update={"models": ("openai:a", "openai:b", "openai:c"), "cross_check": True}
    )
    together = together.model_copy(update={"brief": brief})

    def solved_drafts(of: GenerationRequest) -> int:
        calls = first_round_calls(of, LESSON)
        return sum(call.number for call in calls if call.what == "solver")

    assert solved_drafts(alone) == 0
    assert solved_drafts(together) == 2 * brief.tasks_count
