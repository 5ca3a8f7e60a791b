"""Tests exports with nbgrader itself; slow and in a separate environment (`make nbgrader`)."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.export import Format
from tests.exports.export_to_folder import export_to
from tests.exports.samples import SUM_EVEN, assignment

NBGRADER = os.environ.get("NBGRADER", "")
NAME = "sum-of-even-numbers"
pytestmark = [
    pytest.mark.skipif(not NBGRADER, reason="slow: make nbgrader"),
    pytest.mark.timeout(600),
]


def run(course: Path, *arguments: str) -> None:
    """Run nbgrader on a course, isolated from this machine's Jupyter settings."""
    tools = f"{Path(NBGRADER).absolute().parent}{os.pathsep}{os.environ['PATH']}"
    home = {"HOME": str(course), "JUPYTER_CONFIG_DIR": str(course), "PATH": tools}
    done = subprocess.run(
        [NBGRADER, *arguments],
        env=home | {"JUPYTER_PLATFORM_DIRS": "1"},
        cwd=course,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def submit(course: Path, student: str, answer: str | None) -> None:
    """Submit the released notebook for a student, with the answer filled in."""
    folder = course / "submitted" / student / NAME
    shutil.copytree(course / "release" / NAME, folder)
    path = folder / f"{NAME}.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for cell in notebook["cells"]:
        if answer and cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answer
    path.write_text(json.dumps(notebook), "utf-8")


def test_right_scores_all_wrong_less_and_the_starter_nothing(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN)
    export_to([sample], Format.NBGRADER, tmp_path)
    run(tmp_path, "generate_assignment", NAME)
    submit(tmp_path, "right", sample.solution)
    submit(tmp_path, "wrong", "def sum_even(numbers):\n    return sum(numbers)\n")
    submit(tmp_path, "starter", sample.code)
    submit(tmp_path, "untouched", None)

    run(tmp_path, "autograde", NAME)
    run(tmp_path, "export", f"--to={tmp_path / 'grades.csv'}")

    with (tmp_path / "grades.csv").open(encoding="utf-8") as grades:
        scores = {
            row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(grades)
        }
    assert scores == {
        "right": ("3.0", "3.0"),
        "wrong": ("1.0", "3.0"),
        "starter": ("0.0", "3.0"),
        "untouched": ("0.0", "3.0"),
    }
    release = (tmp_path / "release" / NAME / f"{NAME}.ipynb").read_text("utf-8")
    assert "assertEqual" not in release
    assert "n % 2" not in release
