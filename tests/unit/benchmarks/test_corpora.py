"""Tests the verification benchmark with custom corpora."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import corpora, open_set

PROBLEM = {
    "prompt": "def double(n):\n",
    "canonical_solution": "    return 2 * n\n",
    "test": "def check(candidate):\n    assert True\n"
    "    assert candidate(1) == 2\n    assert candidate(0) == 0\n",
    "entry_point": "double",
}


@pytest.fixture(autouse=True)
def nothing_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("EXERCISES", "PROBLEMS", "HUMAN_EVAL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(open_set, "DEFAULT", tmp_path / "no open set")


def exercise(folder: Path, *, tests: tuple[str, ...]) -> Path:
    (folder / ".meta").mkdir(parents=True)
    (folder / ".meta" / "example.py").write_text("def double(n):\n    return 2 * n\n")
    (folder / "double.py").write_text("def double(n):\n    pass\n")
    for name in tests:
        (folder / name).write_text("import unittest\n")
    return folder


def test_exercises_of_one_file_are_read_from_a_folder(tmp_path: Path) -> None:
    exercise(tmp_path / "practice" / "double", tests=("double_test.py",))
    exercise(tmp_path / "practice" / "pair", tests=("one_test.py", "two_test.py"))

    (found,) = corpora.exercises(tmp_path).values()

    assert found.file_name == "double.py"
    assert found.starter.endswith("pass\n")
    assert found.solution.endswith("2 * n\n")


def test_an_exercise_may_name_its_files(tmp_path: Path) -> None:
    folder = exercise(tmp_path / "double", tests=("double_test.py", "data_test.py"))
    named = {"files": {"solution": ["double.py"], "test": ["double_test.py"]}}
    (folder / ".meta" / "config.json").write_text(json.dumps(named))

    found = corpora.exercises(tmp_path)

    assert list(found) == ["double"]


def test_problems_without_a_name_are_read_from_plain_lines(tmp_path: Path) -> None:
    file = tmp_path / "problems.jsonl"
    file.write_text(f"{json.dumps(PROBLEM)}\n\n{json.dumps(PROBLEM)}\n")

    found = open_set.problems(file)

    assert [problem.entry_point for problem in found] == ["double", "double"]


def test_weakened_tests_keep_their_first_assertions() -> None:
    problem = open_set.Problem.model_validate(PROBLEM)

    weak = open_set.weakened(problem, 1)

    assert weak is not None
    assert weak.test == "def check(candidate):\n    assert candidate(1) == 2"
    assert open_set.weakened(problem, 3) is None


@pytest.mark.parametrize(
    ("variable", "looked_for"),
    [("EXERCISES", ".meta/example.py"), ("PROBLEMS", "JSON lines"), ("HUMAN_EVAL", "no problem")],
)
@pytest.mark.parametrize("place", ["no such place", "empty"])
def test_a_set_in_which_nothing_is_found_falls_short(
    variable: str, looked_for: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / place
    if place == "empty":
        named.mkdir() if variable == "EXERCISES" else named.touch()
    monkeypatch.setenv(variable, str(named))

    short = [figure for figure in corpora.run().figures if figure.holds is False]

    (value,) = (figure.value for figure in short)
    assert str(named) in value
    assert looked_for in value


def test_a_set_that_was_not_requested_may_be_absent() -> None:
    report = corpora.run()

    assert [figure.holds for figure in report.figures] == [None, None]
