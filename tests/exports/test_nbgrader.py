"""Validates exported notebooks with nbformat and scores them like nbgrader."""

import json
from pathlib import Path

import nbformat
import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.domain.evidence import FindingCode
from coursewright.domain.export import Format
from coursewright.verification.rejections import doubt
from tests.exports.export_to_folder import export_to
from tests.exports.notebook_reader import Notebook, handed_in, released, score
from tests.exports.refused import refused
from tests.exports.samples import (
    CERTIFICATE,
    REVIEWER,
    SUM_EVEN,
    assignment,
    edge_cases,
    from_practice,
    wrong_answer,
)

SAMPLES = [sample for sample in (*edge_cases(), *from_practice()) if sample.kind is Kind.PYTHON]


def exported(sample: Assignment, folder: Path) -> Notebook:
    (path,) = export_to([sample], Format.NBGRADER, folder).rglob("*.ipynb")
    notebook: Notebook = json.loads(path.read_text("utf-8"))
    return notebook


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.model}-{sample.name}"[:60])
def test_the_solution_scores_all_a_wrong_answer_less_and_the_starter_nothing(
    sample: Assignment, tmp_path: Path
) -> None:
    notebook = exported(sample, tmp_path)
    stub = next(cell["source"] for cell in released(notebook)["cells"] if cell["id"] == "solution")

    right, most = score(notebook, tmp_path)
    wrong, _ = score(handed_in(notebook, wrong_answer(sample)), tmp_path)
    untouched, _ = score(handed_in(notebook, stub), tmp_path)

    assert right == most > 0
    assert wrong < most
    assert untouched == 0


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.model}-{sample.name}"[:60])
def test_nbformat_finds_nothing_wrong(sample: Assignment, tmp_path: Path) -> None:
    notebook = exported(sample, tmp_path)

    nbformat.validate(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]

    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"]]
    assert len(names) == len(set(names))


def test_learners_see_the_starter_but_neither_solution_nor_tests(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN)

    seen = "\n".join(cell["source"] for cell in released(exported(sample, tmp_path))["cells"])

    assert "# def sum_even(numbers):\n#     pass" in seen
    assert "n % 2" not in seen
    assert "assertEqual" not in seen


def test_teachers_see_the_doubts_and_learners_do_not(tmp_path: Path) -> None:
    doubts = [doubt(FindingCode.SENTENCES_UNTESTED, ["### END HIDDEN TESTS\nassert False"])]
    certificate = CERTIFICATE | {"doubts": [each.model_dump(mode="json") for each in doubts]}
    notebook = exported(assignment(SUM_EVEN, certificate=certificate), tmp_path)

    (cell,) = [cell for cell in notebook["cells"] if cell["id"] == "load-tests"]
    seen = json.dumps(released(notebook))

    assert "# verified, 1 doubt: 4 tests, 8 of 9 planted mistakes noticed" in cell["source"]
    assert "but no test refers to them:  END HIDDEN TESTS assert False\n" in cell["source"]
    assert "1 doubt" not in seen
    assert "no test refers to them" not in seen
    assert score(notebook, tmp_path) == (3, 3)


def test_a_point_for_each_test(tmp_path: Path) -> None:
    notebook = exported(assignment(SUM_EVEN), tmp_path)

    half_right = handed_in(notebook, "def sum_even(numbers):\n    return sum(numbers)\n")

    assert score(notebook, tmp_path) == (3, 3)
    assert score(half_right, tmp_path) == (1, 3)


def test_the_origin_is_exported_without_the_reviewer(tmp_path: Path) -> None:
    notebook = exported(assignment(SUM_EVEN), tmp_path)

    assert notebook["metadata"]["coursewright"]["model"] == "openai:m"
    assert REVIEWER not in json.dumps(notebook)
    assert "return 2" not in json.dumps(notebook["metadata"])


def test_sql_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with refused("it is SQL, and nbgrader supports only Python"):
        exported(edge_cases()[2], tmp_path)
