"""A practice author's answer depends only on the request."""

import html

import pytest

from local.practice.authors import LATENCY_SECONDS
from local.practice.content import REVISED, Assignment, Portfolio
from local.practice.errors import RequestRefused
from tests.unit.local_practice.builders import body, lesson_html, request_part
from tests.unit.local_practice.work_runner import WORK, assignments_by, title

EVIDENCE = "\n## Evidence\nThe first assertion fails: 5 != 6\n"


@pytest.mark.parametrize("lesson", ["loops", "joins"])
@pytest.mark.parametrize("model", LATENCY_SECONDS)
def test_an_author_writes_the_whole_set_for_a_sample_lesson(model: str, lesson: str) -> None:
    answered = request_part("assignments", lesson_html(lesson), lesson, model=model)

    names = [assignment["name"] for assignment in answered["assignments"]]
    assert names == [assignment.name for assignment in assignments_by(model, lesson)]


def test_a_lesson_is_recognised_in_an_escaped_prompt() -> None:
    prompt = html.escape(lesson_html("joins")).replace(" ", "\n")

    answered = request_part("assignments", prompt, "joins")

    assert len(answered["assignments"]) == 5


def test_the_schema_states_the_number_of_assignments() -> None:
    answered = request_part("assignments", lesson_html("loops"), count=2)

    assert [assignment["difficulty"] for assignment in answered["assignments"]] == [1, 2]


def test_more_assignments_than_an_author_knows_are_refused() -> None:
    with pytest.raises(RequestRefused, match="have 5 assignments per lesson, but 6 were requested"):
        request_part("assignments", lesson_html("loops"), count=6)


def test_an_unknown_lesson_is_rejected_with_advice() -> None:
    with pytest.raises(RequestRefused, match="point --base-url at a real provider"):
        request_part("assignments", "<h1>Dictionaries</h1>")


@pytest.mark.parametrize("part", ["tests", "solution"])
def test_an_unknown_assignment_is_refused(part: str) -> None:
    with pytest.raises(RequestRefused, match="practice models only know the sample lessons"):
        request_part(part, f"{lesson_html('loops')}\nAssignment: Sort the mail")


@pytest.mark.parametrize(("portfolio", "assignment"), WORK, ids=title)
def test_after_its_repairs_an_assignment_has_its_correct_parts(
    portfolio: Portfolio, assignment: Assignment
) -> None:
    prompt = f"Assignment: {assignment.name}\n{assignment.text}\n## Evidence\nAttempt 2 failed."

    tests = request_part("tests", prompt, portfolio.lesson, model=portfolio.model)
    solution = request_part("solution", prompt, portfolio.lesson, model=portfolio.model)

    assert tests.get("tests", "") == assignment.tests
    assert [row["seed_sql"] for row in tests.get("datasets", [])] == [
        dataset.seed_sql for dataset in assignment.datasets
    ]
    assert solution["code"] == assignment.solution


def test_other_assignments_named_in_a_prompt_are_ignored() -> None:
    first, *others = assignments_by("practice-careful", "loops")
    names = "\n".join(assignment.name for assignment in [*others, first])

    answered = request_part("solution", f"{names}\n{first.text}", model="practice-careful")

    assert answered["code"] == first.solution


@pytest.mark.parametrize(
    ("lesson", "part", "number"), [("loops", "tests", 1), ("joins", "tests", 1)]
)
def test_wrong_tests_are_repaired_given_evidence(lesson: str, part: str, number: int) -> None:
    assignment = assignments_by("practice-sloppy", lesson)[number]

    first = request_part(part, assignment.name, lesson, model="practice-sloppy")
    repaired = request_part(part, assignment.name + EVIDENCE, lesson, model="practice-sloppy")

    assert first != repaired
    assert repaired.get("tests", "") == assignment.tests


@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_a_wrong_solution_is_repaired_once_there_is_evidence(lesson: str) -> None:
    assignment = assignments_by("practice-sloppy", lesson)[2]

    first = request_part("solution", assignment.name, lesson, model="practice-sloppy")
    repaired = request_part("solution", assignment.name + EVIDENCE, lesson, model="practice-sloppy")

    assert first["code"] == assignment.flawed[0].solution
    assert repaired["code"] == assignment.solution


@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_a_failed_first_repair_is_recognised_in_the_next_prompt(lesson: str) -> None:
    assignment = assignments_by("practice-sloppy", lesson)[4]
    wrong, still_wrong = (flawed.solution for flawed in assignment.flawed)

    answered = [
        request_part("solution", assignment.name + shown, lesson, model="practice-sloppy")["code"]
        for shown in ("", f"{EVIDENCE}{wrong}", f"{EVIDENCE}{still_wrong}")
    ]

    assert answered == [wrong, still_wrong, assignment.solution]


def test_the_prompt_may_state_the_attempt_number_instead() -> None:
    assignment = assignments_by("practice-sloppy", "loops")[4]

    answered = request_part(
        "solution",
        f"{assignment.name}\n<evidence>attempt 2: fails</evidence>",
        model="practice-sloppy",
    )

    assert answered["code"] == assignment.solution


def test_evidence_is_found_inside_a_fence() -> None:
    assignment = assignments_by("practice-sloppy", "loops")[2]

    answered = request_part(
        "solution",
        f"{assignment.name}\n<findings-9c1e>\n- It fails.\n</findings-9c1e>",
        model="practice-sloppy",
    )

    assert answered["code"] == assignment.solution


@pytest.mark.parametrize("section", ["## Evidence\nnone\n", "<evidence>\n</evidence>", ""])
def test_an_empty_evidence_section_is_a_first_attempt(section: str) -> None:
    assignment = assignments_by("practice-sloppy", "loops")[2]

    answered = request_part("solution", f"{assignment.name}\n{section}", model="practice-sloppy")

    assert answered["code"] == assignment.flawed[0].solution


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

    before = request_part("assignments", prompt)["assignments"][0]
    after = request_part("assignments", f"{prompt}\n{notes}")["assignments"][0]

    assert after["name"] == before["name"] + REVISED
    assert after["text"].startswith(before["text"])
    assert len(after["text"]) > len(before["text"])


def test_a_revised_assignment_keeps_its_solution() -> None:
    assignment = assignments_by("practice-careful", "joins")[3]

    answered = request_part(
        "solution", assignment.name + REVISED, "joins", model="practice-careful"
    )

    assert answered["code"] == assignment.solution


def test_equal_requests_get_equal_answers() -> None:
    prompt = lesson_html("loops")

    assert request_part("assignments", prompt) == request_part("assignments", prompt)


def test_without_a_limit_in_the_schema_the_prompt_states_the_number() -> None:
    from local.practice.request import parse_part_request, parse_request

    raw = body("assignments", "Write exactly 3 assignments for the lesson.")
    del raw["tools"][0]["function"]["parameters"]["properties"]["assignments"]["minItems"]
    del raw["tools"][0]["function"]["parameters"]["properties"]["assignments"]["maxItems"]

    asked = parse_part_request(parse_request(raw))

    assert asked.count == 3
