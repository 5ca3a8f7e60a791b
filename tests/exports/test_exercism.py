"""Checks exported Exercism folders like a track: the example replaces the stub."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.export import Format
from tests.exports.export_to_folder import export_to
from tests.exports.samples import (
    EVIDENCE,
    REVIEWER,
    SUM_EVEN,
    assignment,
    edge_cases,
    from_practice,
    wrong_answer,
)

SAMPLES = [*edge_cases(), *from_practice()]


def passes(exercise: Path, answer: str, workplace: Path) -> bool:
    """Return whether an answer passes an exercise's tests in a copy of its folder."""
    shutil.copytree(exercise, workplace)
    files = config(exercise)["files"]
    (workplace / files["solution"][0]).write_bytes(answer.encode())
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-q", Path(files["test"][0]).stem],
        cwd=workplace,
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.returncode == 0


def config(exercise: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((exercise / ".meta" / "config.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.model}-{sample.name}"[:60])
def test_the_example_passes_and_the_stub_and_a_wrong_answer_do_not(
    sample: Assignment, tmp_path: Path
) -> None:
    (exercise,) = export_to([sample], Format.EXERCISM, tmp_path / "out").iterdir()
    files = config(exercise)["files"]
    example = (exercise / files["example"][0]).read_bytes().decode()
    stub = (exercise / files["solution"][0]).read_bytes().decode()

    results = [
        passes(exercise, answer, tmp_path / str(number))
        for number, answer in enumerate((example, stub, wrong_answer(sample)))
    ]

    assert (example, stub) == (sample.solution, sample.code)
    assert results == [True, False, False]


def test_a_folder_has_what_a_track_expects(tmp_path: Path) -> None:
    exercise = export_to([assignment(SUM_EVEN)], Format.EXERCISM, tmp_path) / "sum-of-even-numbers"

    found = {path.relative_to(exercise).as_posix() for path in exercise.rglob("*.*")}

    assert found >= {
        ".docs/instructions.md",
        ".meta/config.json",
        ".meta/example.py",
        "solution.py",
        "solution_test.py",
    }
    assert config(exercise)["blurb"] == "Sum of even numbers"
    instructions = (exercise / ".docs" / "instructions.md").read_text("utf-8")
    assert instructions == (
        "# Instructions\n\nWrite `sum_even(numbers)`: the sum & nothing else. \\]\\]\\>\n"
    )


def test_a_hint_is_where_learners_look_for_it(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN, hint="Try n % 2,\nor *nothing*.")

    (exercise,) = export_to([sample], Format.EXERCISM, tmp_path).iterdir()

    hints = (exercise / ".docs" / "hints.md").read_text("utf-8")
    assert hints == "# Hints\n\n## General\n\n- Try n % 2, or \\*nothing\\*.\n"


def test_sql_comes_with_its_tables_and_datasets(tmp_path: Path) -> None:
    (exercise,) = export_to([edge_cases()[2]], Format.EXERCISM, tmp_path).iterdir()

    names = {path.name for path in exercise.rglob("*") if path.is_file()}

    assert names == {
        "instructions.md",
        "design.md",
        "config.json",
        "example.sql",
        "solution.sql",
        "solution_test.py",
        "create_fixture.sql",
        "datasets.json",
    }


def test_doubts_are_in_the_notes_for_maintainers(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN, language="de")
    exercise = export_to([sample], Format.EXERCISM, tmp_path) / "sum-of-even-numbers"

    design = (exercise / ".meta" / "design.md").read_text("utf-8")

    assert "\nverifiziert, 1 Vorbehalt: 4 Tests, " in design
    assert (
        "- Der Text ist möglicherweise mehrdeutig: Anders gelöst wurde die Aufgabe von o." in design
    )


def test_the_evidence_is_exported_and_the_reviewer_is_not(tmp_path: Path) -> None:
    exercise = export_to([assignment(SUM_EVEN)], Format.EXERCISM, tmp_path) / "sum-of-even-numbers"

    text = (exercise / ".meta" / "config.json").read_text("utf-8")

    about = json.loads(text)["custom"]["coursewright"]
    assert about["evidence"] == EVIDENCE
    assert about["decided_at"] == "2026-01-15T09:00:00+00:00"
    assert REVIEWER not in text
