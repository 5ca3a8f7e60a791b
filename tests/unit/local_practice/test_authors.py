"""What a practice author hands in depends on the request alone."""

import html

import pytest

from local.practice.authors import LATENCY_SECONDS
from local.practice.content import REVISED, Assignment, Portfolio
from local.practice.errors import RequestRefused
from tests.unit.local_practice.asks import body, hand_in, lesson_html
from tests.unit.local_practice.running import WORK, assignments_of, title

EVIDENCE = "\n## Evidence\nThe first assertion fails: 5 != 6\n"


@pytest.mark.parametrize("lesson", ["loops", "joins"])
@pytest.mark.parametrize("model", LATENCY_SECONDS)
def test_an_author_writes_the_whole_set_for_a_sample_lesson(model: str, lesson: str) -> None:
    handed_in = hand_in("assignments", lesson_html(lesson), lesson, model=model)

    names = [one["name"] for one in handed_in["assignments"]]
    assert names == [one.name for one in assignments_of(model, lesson)]


def test_a_lesson_is_recognised_in_an_escaped_prompt() -> None:
    prompt = html.escape(lesson_html("joins")).replace(" ", "\n")

    handed_in = hand_in("assignments", prompt, "joins")

    assert len(handed_in["assignments"]) == 5


def test_the_schema_says_how_many_assignments_are_wanted() -> None:
    handed_in = hand_in("assignments", lesson_html("loops"), count=2)

    assert [one["difficulty"] for one in handed_in["assignments"]] == [1, 2]


def test_more_assignments_than_an_author_knows_are_refused() -> None:
    with pytest.raises(RequestRefused, match="know 5 assignments for a lesson, 6 were asked for"):
        hand_in("assignments", lesson_html("loops"), count=6)


def test_an_unknown_lesson_is_refused_with_a_way_out() -> None:
    with pytest.raises(RequestRefused, match="point --base-url at a real provider"):
        hand_in("assignments", "<h1>Dictionaries</h1>")


@pytest.mark.parametrize("part", ["tests", "solution"])
def test_an_unknown_assignment_is_refused(part: str) -> None:
    with pytest.raises(RequestRefused, match="practice models know only the sample lessons"):
        hand_in(part, f"{lesson_html('loops')}\nAssignment: Sort the mail")


@pytest.mark.parametrize(("portfolio", "one"), WORK, ids=title)
def test_repaired_until_it_is_right_an_assignment_has_its_true_parts(
    portfolio: Portfolio, one: Assignment
) -> None:
    prompt = f"Assignment: {one.name}\n{one.text}\n## Evidence\nAttempt 2 failed."

    tests = hand_in("tests", prompt, portfolio.lesson, model=portfolio.model)
    solution = hand_in("solution", prompt, portfolio.lesson, model=portfolio.model)

    assert tests.get("tests", "") == one.tests
    assert [row["seed_sql"] for row in tests.get("datasets", [])] == [
        dataset.seed_sql for dataset in one.datasets
    ]
    assert solution["code"] == one.solution


def test_siblings_named_in_a_prompt_do_not_distract() -> None:
    first, *others = assignments_of("practice-careful", "loops")
    names = "\n".join(one.name for one in [*others, first])

    handed_in = hand_in("solution", f"{names}\n{first.text}", model="practice-careful")

    assert handed_in["code"] == first.solution


@pytest.mark.parametrize(
    ("lesson", "part", "number"), [("loops", "tests", 1), ("joins", "tests", 1)]
)
def test_wrong_tests_are_mended_once_there_is_evidence(lesson: str, part: str, number: int) -> None:
    one = assignments_of("practice-sloppy", lesson)[number]

    first = hand_in(part, one.name, lesson, model="practice-sloppy")
    mended = hand_in(part, one.name + EVIDENCE, lesson, model="practice-sloppy")

    assert first != mended
    assert mended.get("tests", "") == one.tests


@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_a_wrong_solution_is_mended_once_there_is_evidence(lesson: str) -> None:
    one = assignments_of("practice-sloppy", lesson)[2]

    first = hand_in("solution", one.name, lesson, model="practice-sloppy")
    mended = hand_in("solution", one.name + EVIDENCE, lesson, model="practice-sloppy")

    assert first["code"] == one.flawed[0].solution
    assert mended["code"] == one.solution


@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_a_first_repair_that_fails_is_seen_in_the_next_prompt(lesson: str) -> None:
    one = assignments_of("practice-sloppy", lesson)[4]
    wrong, still_wrong = (flawed.solution for flawed in one.flawed)

    handed_in = [
        hand_in("solution", one.name + shown, lesson, model="practice-sloppy")["code"]
        for shown in ("", f"{EVIDENCE}{wrong}", f"{EVIDENCE}{still_wrong}")
    ]

    assert handed_in == [wrong, still_wrong, one.solution]


def test_the_number_of_the_attempt_may_be_said_instead() -> None:
    one = assignments_of("practice-sloppy", "loops")[4]

    handed_in = hand_in(
        "solution", f"{one.name}\n<evidence>attempt 2: fails</evidence>", model="practice-sloppy"
    )

    assert handed_in["code"] == one.solution


def test_evidence_is_found_inside_a_fence() -> None:
    one = assignments_of("practice-sloppy", "loops")[2]

    handed_in = hand_in(
        "solution",
        f"{one.name}\n<findings-9c1e>\n- It fails.\n</findings-9c1e>",
        model="practice-sloppy",
    )

    assert handed_in["code"] == one.solution


@pytest.mark.parametrize("section", ["## Evidence\nnone\n", "<evidence>\n</evidence>", ""])
def test_an_empty_evidence_section_is_a_first_attempt(section: str) -> None:
    one = assignments_of("practice-sloppy", "loops")[2]

    handed_in = hand_in("solution", f"{one.name}\n{section}", model="practice-sloppy")

    assert handed_in["code"] == one.flawed[0].solution


@pytest.mark.parametrize(
    "notes",
    [
        "## Reviewer's notes\nMore examples, please.",
        "<reviewer_notes>Clearer!</reviewer_notes>",
        "<remarks-0f3a>\nClearer!\n</remarks-0f3a>",
    ],
)
def test_a_reviewers_notes_lead_to_a_revised_set(notes: str) -> None:
    prompt = lesson_html("loops")

    before = hand_in("assignments", prompt)["assignments"][0]
    after = hand_in("assignments", f"{prompt}\n{notes}")["assignments"][0]

    assert after["name"] == before["name"] + REVISED
    assert after["text"].startswith(before["text"])
    assert len(after["text"]) > len(before["text"])


def test_a_revised_assignment_keeps_its_solution() -> None:
    one = assignments_of("practice-careful", "joins")[3]

    handed_in = hand_in("solution", one.name + REVISED, "joins", model="practice-careful")

    assert handed_in["code"] == one.solution


def test_a_request_is_answered_the_same_each_time() -> None:
    prompt = lesson_html("loops")

    assert hand_in("assignments", prompt) == hand_in("assignments", prompt)


def test_without_a_limit_in_the_schema_the_prompt_says_how_many() -> None:
    from local.practice.request import read_part_request, read_request

    raw = body("assignments", "Write exactly 3 assignments for the lesson.")
    del raw["tools"][0]["function"]["parameters"]["properties"]["assignments"]["minItems"]
    del raw["tools"][0]["function"]["parameters"]["properties"]["assignments"]["maxItems"]

    asked = read_part_request(read_request(raw))

    assert asked.count == 3
