"""The agents' work is stored once and never overwritten."""

import pytest

from coursewright.adapters.drafts import DynamoDrafts
from coursewright.domain.assignment import DraftHint
from coursewright.domain.errors import DraftConflict, DraftMissing
from coursewright.ports.agents import Drafts
from tests.contracts.records import AUTHORSHIP, GENERATION, draft, draft_solution, draft_tests
from tests.fakes.memory_agents import MemoryDrafts


@pytest.fixture(params=["memory", "dynamodb"])
def drafts(request: pytest.FixtureRequest) -> Drafts:
    if request.param == "memory":
        return MemoryDrafts()
    return DynamoDrafts(request.getfixturevalue("table"), request.getfixturevalue("blobs"))


def test_drafts_are_sorted_by_task_then_model(drafts: Drafts) -> None:
    second, other, first = draft(2), draft(1, model="openai:z"), draft(1)

    drafts.save_drafts((second, other))
    drafts.save_drafts((first, draft(1, round_number=2)))

    assert drafts.of_round(GENERATION, 1) == (first, other, second)
    assert drafts.get(GENERATION, first.draft) == first


def test_saving_the_same_content_again_changes_nothing(drafts: Drafts) -> None:
    drafts.save_drafts((draft(1), draft(2)))

    drafts.save_drafts((draft(1), draft(2)))

    assert len(drafts.of_round(GENERATION, 1)) == 2


def test_different_content_is_a_conflict_and_writes_nothing(drafts: Drafts) -> None:
    drafts.save_drafts((draft(1),))

    with pytest.raises(DraftConflict):
        drafts.save_drafts((draft(1, name="Changed"), draft(2)))

    assert [stored_draft.name for stored_draft in drafts.of_round(GENERATION, 1)] == ["Task 1"]


def test_a_missing_draft_is_named(drafts: Drafts) -> None:
    with pytest.raises(DraftMissing, match="openai:m/r1/d9"):
        drafts.get(GENERATION, "openai:m/r1/d9")


def test_a_round_spanning_many_query_pages_is_read_completely(drafts: Drafts) -> None:
    long = tuple(
        draft_solution(draft(number).draft).model_copy(update={"code": "x" * 70_000 + str(number)})
        for number in range(1, 41)
    )
    for solution in long:
        drafts.save_solution(GENERATION, solution)

    found = drafts.solutions_of_round(GENERATION, 1)

    assert sorted(found, key=lambda solution: solution.code) == sorted(
        long, key=lambda solution: solution.code
    )


def test_the_newest_part_up_to_an_attempt_is_found(drafts: Drafts) -> None:
    name = draft().draft
    drafts.save_tests(GENERATION, draft_tests(name, 0))
    drafts.save_tests(GENERATION, draft_tests(name, 2))
    drafts.save_solution(GENERATION, draft_solution(name, 1))

    found = [drafts.latest_tests(GENERATION, name, attempt=at) for at in (0, 1, 2)]

    assert [part.attempt for part in found if part] == [0, 0, 2]
    assert drafts.latest_solution(GENERATION, name, attempt=0) is None
    assert drafts.latest_solution(GENERATION, name, attempt=2) == draft_solution(name, 1)


def test_different_tests_for_the_same_attempt_are_a_conflict(drafts: Drafts) -> None:
    name = draft().draft
    drafts.save_tests(GENERATION, draft_tests(name))
    drafts.save_tests(GENERATION, draft_tests(name))

    with pytest.raises(DraftConflict):
        drafts.save_tests(GENERATION, draft_tests(name, tests="pass"))


def test_a_large_part_is_stored_completely(drafts: Drafts) -> None:
    large = draft_tests(draft().draft, tests="# é\n" * 100_000)

    drafts.save_tests(GENERATION, large)

    assert drafts.latest_tests(GENERATION, large.draft, attempt=0) == large


def test_a_solvers_solution_is_stored_beside_the_authors(drafts: Drafts) -> None:
    own, blind = draft_solution("openai:m/r1/d1"), draft_solution("openai:m/r1/d1", attempt=1)
    drafts.save_solution(GENERATION, own)

    drafts.save_blind_solution(GENERATION, "openai:n", blind)
    drafts.save_blind_solution(GENERATION, "openai:n", blind)

    assert drafts.blind_solution(GENERATION, own.draft, "openai:n") == blind
    assert drafts.latest_solution(GENERATION, own.draft, attempt=2) == own
    with pytest.raises(DraftMissing, match="no solution by openai:o"):
        drafts.blind_solution(GENERATION, own.draft, "openai:o")
    with pytest.raises(DraftConflict):
        drafts.save_blind_solution(GENERATION, "openai:n", own)


def test_a_hint_is_stored_beside_its_draft(drafts: Drafts) -> None:
    hint = DraftHint(draft="openai:m/r1/d1", hint="Look again.", authorship=draft(1).authorship)
    drafts.save_hint(GENERATION, hint)
    drafts.save_hint(GENERATION, hint)

    assert drafts.hint(GENERATION, hint.draft) == hint
    assert drafts.hint(GENERATION, "openai:m/r1/d2") is None
    with pytest.raises(DraftConflict):
        drafts.save_hint(GENERATION, hint.model_copy(update={"hint": "Another one."}))


def test_all_parts_of_a_round_are_read_at_once(drafts: Drafts) -> None:
    first, other = draft(1), draft(1, round_number=2)
    large = draft_tests(first.draft, 1, tests="x" * 150_000)
    hints = [
        DraftHint(draft=of.draft, hint="Look.", authorship=AUTHORSHIP) for of in (first, other)
    ]
    for written in (draft_tests(first.draft), large, draft_tests(other.draft)):
        drafts.save_tests(GENERATION, written)
    for solved in (draft_solution(first.draft), draft_solution(other.draft)):
        drafts.save_solution(GENERATION, solved)
    for hint in hints:
        drafts.save_hint(GENERATION, hint)

    assert drafts.tests_of_round(GENERATION, 1) == (draft_tests(first.draft), large)
    assert drafts.solutions_of_round(GENERATION, 2) == (draft_solution(other.draft),)
    assert drafts.hints_of_round(GENERATION, 1) == (hints[0],)
    assert drafts.hints_of_round(GENERATION, 3) == ()
