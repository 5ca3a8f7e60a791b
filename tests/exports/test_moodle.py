"""Reads Moodle questions back with a different parser and runs them like CodeRunner."""

import json
from pathlib import Path

import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.export import Format
from tests.exports.export_to_folder import export_to
from tests.exports.moodle_reader import marks, questions, text
from tests.exports.samples import (
    DOUBT_TEXT,
    NOTE,
    REVIEWER,
    SUM_EVEN,
    assignment,
    edge_cases,
    from_practice,
    wrong_answer,
)

SAMPLES = [*edge_cases(), *from_practice()]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.model}-{sample.name}"[:60])
def test_only_a_correct_answer_earns_full_marks(sample: Assignment, tmp_path: Path) -> None:
    (question,) = questions(export_to([sample], Format.MOODLE, tmp_path) / "moodle.xml")

    right, starter, wrong, broken = (
        marks(question, answer)
        for answer in (
            text(question, "answer"),
            text(question, "answerpreload"),
            wrong_answer(sample),
            "def (",
        )
    )

    assert right
    assert all(right)
    assert not all(starter)
    assert not all(wrong)
    assert not any(broken)


def test_every_text_survives_a_round_trip(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN, code="x = 1\r\ny = '\t\"&<>]]>'\n", solution="s = '\\r'\r\n")

    (question,) = questions(export_to([sample], Format.MOODLE, tmp_path) / "moodle.xml")

    assert text(question, "name/text") == sample.name
    assert text(question, "questiontext/text") == sample.text
    assert text(question, "answerpreload") == sample.code
    assert text(question, "answer") == sample.solution
    assert text(question, "idnumber") == sample.assignment
    assert text(question, "validateonsave") == "1"
    assert [text(case, "extra/text") for case in question.findall("testcases/testcase")] == [
        "SumEven.test_mixed",
        "SumEven.test_negative",
        "SumEven.test_only_even",
    ]


def test_null_and_an_empty_text_are_distinguished(tmp_path: Path) -> None:
    sample = edge_cases()[2]
    (question,) = questions(export_to([sample], Format.MOODLE, tmp_path) / "moodle.xml")

    given = marks(question, sample.solution.replace("a AS A", "coalesce(a, '') AS A"))

    assert given == [True, False]


def test_a_query_that_writes_changes_nothing_and_earns_nothing(tmp_path: Path) -> None:
    (question,) = questions(export_to([edge_cases()[2]], Format.MOODLE, tmp_path) / "moodle.xml")

    assert marks(question, "DELETE FROM t RETURNING a, b, c, 1") == [False, False]
    assert marks(question, "SELECT 1; SELECT 2") == [False, False]


def test_a_learner_cannot_skip_or_leave_a_test(tmp_path: Path) -> None:
    (question,) = questions(export_to([edge_cases()[0]], Format.MOODLE, tmp_path) / "moodle.xml")

    skipping = "import unittest\ndef sum_even(n):\n    raise unittest.SkipTest\n"
    leaving = "def sum_even(n):\n    raise SystemExit(0)\n"

    assert not any(marks(question, skipping))
    assert not any(marks(question, leaving))


def test_doubts_are_where_a_teacher_sees_them_and_learners_do_not(tmp_path: Path) -> None:
    path = export_to([assignment(SUM_EVEN)], Format.MOODLE, tmp_path) / "moodle.xml"
    (question,) = questions(path)

    about = json.loads(text(question, "templateparams"))["coursewright"]

    assert (about["certificate_text"], about["doubts"]) == (NOTE, [DOUBT_TEXT])
    assert "verified, 1 doubt" in [tag.text for tag in question.iterfind("tags/tag/text")]
    assert DOUBT_TEXT not in text(question, "questiontext/text") + text(
        question, "generalfeedback/text"
    )


def test_the_origin_is_exported_without_the_reviewer(tmp_path: Path) -> None:
    path = export_to(SAMPLES, Format.MOODLE, tmp_path) / "moodle.xml"

    about = json.loads(text(questions(path)[0], "templateparams"))["coursewright"]

    assert about["model"] == "openai:m"
    assert about["prompt_set"] == "2026-01"
    assert about["decision"] == "approved"
    assert about["certificate"]["mutants_killed"] == 8
    assert not {"disagreements", "doubts"} & about["certificate"].keys()
    assert len(about["sha256"]) == 64
    assert REVIEWER not in path.read_text("utf-8")
