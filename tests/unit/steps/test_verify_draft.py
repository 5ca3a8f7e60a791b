"""A draft's evidence combines the sandbox's result and the check of its requirements."""

from typing import Any

import pytest

from coursewright.domain.brief import Kind
from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.domain.verification import Verification
from coursewright.steps.verify_draft import VerifyDraftDeps, VerifyTask, verify_draft
from tests.contracts.records import GENERATION, draft, draft_solution, draft_tests
from tests.fakes.memory_agents import MemoryDrafts, MemoryGenerations, MemoryLessons
from tests.fakes.memory_review import MemoryVerifications
from tests.unit.agents import fixtures

GOOD = Evidence(verdict=Verdict.VERIFIED)
TESTS = "class T(unittest.TestCase):\n    def test_a(self):\n        pass\n"


class ScriptedSandbox:
    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.asked: list[dict[str, Any]] = []

    def check(self, request: dict[str, Any]) -> Evidence:
        self.asked.append(request)
        return self.evidence


def verified(
    *requirements: tuple[str, str], attempt: int = 0, evidence: Evidence = GOOD
) -> Verification:
    written = draft(1, text="<p>Returns the sum.</p>")
    tests = draft_tests(written.draft, tests=TESTS)
    tests = tests.model_validate(
        tests.model_dump() | {"requirements": [{"test": t, "quote": q} for t, q in requirements]}
    )
    drafts = MemoryDrafts()
    drafts.save_drafts((written,))
    drafts.save_tests(GENERATION, tests)
    drafts.save_solution(GENERATION, draft_solution(written.draft))
    task = VerifyTask(
        generation=GENERATION, round=1, model=written.model, draft=written.draft, attempt=attempt
    )
    known = fixtures.agent_fixture(kind=Kind.PYTHON).deps.generations.get(fixtures.GENERATION)
    request = known.request.model_copy(update={"generation": GENERATION})
    generation = known.model_copy(update={"request": request})
    deps = VerifyDraftDeps(
        drafts=drafts,
        generations=MemoryGenerations(generation),
        lessons=MemoryLessons(),
        sandbox=ScriptedSandbox(evidence),
        verifications=MemoryVerifications(),
    )
    return verify_draft(task, deps=deps)


def test_a_first_attempt_is_marked_as_independent() -> None:
    assert verified(("test_a", "Returns the sum")).evidence.independent is True
    assert verified(("test_a", "Returns the sum"), attempt=1).evidence.independent is False


@pytest.mark.parametrize(
    ("kind", "lesson"), [(Kind.SQL, {"lesson": fixtures.LESSON}), (Kind.PYTHON, {})]
)
def test_a_draft_is_checked_against_its_brief_and_a_query_against_its_lesson(
    kind: Kind, lesson: dict[str, str]
) -> None:
    fixture, sandbox = fixtures.agent_fixture(kind=kind, has_draft=True), ScriptedSandbox(GOOD)
    name = fixtures.draft(kind).draft
    fixture.drafts.save_tests(fixtures.GENERATION, draft_tests(name))
    fixture.drafts.save_solution(fixtures.GENERATION, draft_solution(name))
    task = VerifyTask(
        generation=fixtures.GENERATION, round=1, model=fixtures.MODEL, draft=name, attempt=0
    )
    deps = VerifyDraftDeps(
        drafts=fixture.drafts,
        generations=fixture.deps.generations,
        lessons=fixture.deps.lessons,
        sandbox=sandbox,
        verifications=fixture.verifications,
    )

    verify_draft(task, deps=deps)

    (request,) = sandbox.asked
    assert (request["language"], request["text"]) == ("de", fixtures.draft(kind).text)
    assert {name: request[name] for name in ("lesson",) if name in request} == lesson


def test_broken_requirements_are_repaired_by_the_tests() -> None:
    found = verified(("test_a", "Returns the product"))

    assert found.verdict is Verdict.REJECTED
    assert found.repair is RepairTarget.TESTS


def test_a_draft_without_requirements_can_be_published() -> None:
    found = verified()

    assert found.verdict is Verdict.VERIFIED
    assert [doubt.code for doubt in found.evidence.doubts] == [FindingCode.NO_REQUIREMENTS]


def test_the_second_repair_goes_to_the_other_part() -> None:
    wrong = Evidence(verdict=Verdict.REJECTED, fault=RepairTarget.SOLUTION)

    repairs = [verified(attempt=attempt, evidence=wrong).repair for attempt in (0, 1, 2)]

    assert repairs == [RepairTarget.SOLUTION, RepairTarget.TESTS, RepairTarget.NONE]
