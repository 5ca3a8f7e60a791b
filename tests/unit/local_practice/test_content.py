"""The practice authors' work is correct apart from its intended flaws."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from local.practice.content import REVISED, Assignment, Dataset, FlawedAttempt, Part, Portfolio
from tests.unit.local_practice.work_runner import (
    FLAWS,
    PYTHON,
    SQL,
    WORK,
    assignments_by,
    flawed_passes,
    plain,
    portfolio_for,
    python_passes,
    sql_passes,
    title,
)

ASSIGNMENTS = [assignment for _, assignment in WORK]


@pytest.mark.parametrize("assignment", PYTHON, ids=title)
def test_a_python_solution_passes_and_the_starter_fails(
    assignment: Assignment, tmp_path: Path
) -> None:
    solution_passes = python_passes(assignment.solution, assignment.tests, tmp_path)
    starter_passes = python_passes(assignment.starter, assignment.tests, tmp_path)

    assert solution_passes
    assert not starter_passes


@pytest.mark.parametrize("assignment", SQL, ids=title)
def test_a_query_passes_and_the_starter_fails(assignment: Assignment) -> None:
    solution_passes = sql_passes(assignment, assignment.solution, assignment.datasets)
    starter_passes = sql_passes(assignment, assignment.starter, assignment.datasets)

    assert solution_passes
    assert not starter_passes


@pytest.mark.parametrize("assignment", SQL, ids=title)
def test_rows_are_ordered_only_where_text_and_query_say_so(assignment: Assignment) -> None:
    text = plain(assignment.text).lower()
    asks_for_order = "sort by" in text or "longest sum first" in text

    assert assignment.ordered == asks_for_order == ("ORDER BY" in assignment.solution)


@pytest.mark.parametrize("assignment", SQL, ids=title)
def test_a_query_is_tested_by_different_datasets_with_edge_cases(assignment: Assignment) -> None:
    seeds = {dataset.seed_sql for dataset in assignment.datasets}
    inserts = {dataset.seed_sql.count("INSERT INTO") for dataset in assignment.datasets}

    assert len(seeds) == len(assignment.datasets) >= 2
    assert "NULL" in "".join(seeds) or len(inserts) > 1


@pytest.mark.parametrize(("portfolio", "assignment", "flawed"), FLAWS, ids=title)
def test_a_flawed_attempt_fails(
    portfolio: Portfolio, assignment: Assignment, flawed: FlawedAttempt, tmp_path: Path
) -> None:
    passes = flawed_passes(portfolio.kind, assignment, flawed, tmp_path)

    assert not passes


@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_the_sloppy_author_errs_in_tests_in_a_solution_and_in_a_repair(lesson: str) -> None:
    flawed = [
        [len(assignment.flawed_attempts(part)) for part in (Part.TESTS, Part.SOLUTION)]
        for assignment in assignments_by("practice-sloppy", lesson)
    ]

    assert flawed == [[0, 0], [1, 0], [0, 1], [0, 0], [0, 2]]


def test_the_other_authors_make_no_mistakes() -> None:
    erring = {portfolio.model for portfolio, _, _ in FLAWS}

    assert erring == {"practice-sloppy"}


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=title)
def test_requirements_quote_the_text_word_by_word(assignment: Assignment) -> None:
    foreign = [
        requirement.quote
        for requirement in assignment.requirements
        if requirement.quote not in plain(assignment.text)
    ]

    assert foreign == []


@pytest.mark.parametrize("assignment", PYTHON, ids=title)
def test_every_test_has_a_requirement(assignment: Assignment) -> None:
    methods = [
        line.strip().removeprefix("def ").partition("(")[0]
        for line in assignment.tests.splitlines()
        if "def test_" in line
    ]

    assert [requirement.test for requirement in assignment.requirements] == methods
    assert 4 <= len(methods) <= 8


@pytest.mark.parametrize("assignment", SQL, ids=title)
def test_every_dataset_has_a_requirement(assignment: Assignment) -> None:
    names = [dataset.name for dataset in assignment.datasets]

    assert [requirement.test for requirement in assignment.requirements] == names


def test_no_assignment_name_contains_another() -> None:
    names = [assignment.name.lower() for assignment in ASSIGNMENTS]

    assert len(set(names)) == len(names) == 30
    assert not [(a, b) for a in names for b in names if a != b and a in b + REVISED]


@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_difficulty_rises_from_one_to_five(lesson: str) -> None:
    ladders = [
        [
            assignment.difficulty
            for assignment in portfolio_for(f"practice-{author}", lesson).assignments
        ]
        for author in ("quick", "careful", "sloppy")
    ]

    assert ladders == [[1, 2, 3, 4, 5]] * 3


def test_an_expected_table_is_read_with_its_types() -> None:
    dataset = Dataset(
        name="types", seed_sql="", expected="a | b | c\nAda | -2 | NULL\n | 1.5 | x y"
    )

    assert dataset.columns == ["a", "b", "c"]
    assert dataset.rows == [["Ada", -2, None], ["", 1.5, "x y"]]


def test_a_row_that_does_not_fit_its_header_is_refused() -> None:
    with pytest.raises(ValidationError, match="differ in width"):
        Dataset(name="types", seed_sql="", expected="a | b\n1")


def test_an_unknown_field_in_a_lesson_file_is_refused() -> None:
    right = portfolio_for("practice-quick", "loops").model_dump()

    with pytest.raises(ValidationError, match="colour"):
        Portfolio.model_validate({**right, "colour": "red"})


def test_an_assignment_without_its_tests_is_refused() -> None:
    right = portfolio_for("practice-quick", "loops").model_dump()
    right["assignments"][0]["tests"] = ""

    with pytest.raises(ValidationError, match="not a complete python assignment"):
        Portfolio.model_validate(right)


def test_a_set_with_decreasing_difficulty_is_refused() -> None:
    right = portfolio_for("practice-quick", "loops").model_dump()
    right["assignments"] = right["assignments"][::-1]

    with pytest.raises(ValidationError, match="must not decrease"):
        Portfolio.model_validate(right)
