"""Export is refused with one sentence per assignment that cannot be exported."""

from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Format
from coursewright.exports.export import export
from coursewright.exports.names import export_items
from coursewright.markup.export_text import export_problems_text
from tests.exports.export_to_folder import export_to
from tests.exports.samples import REVIEWER, SQL_VALUES, SUM_EVEN, assignment, edge_cases


def problem(form: Format, *assignments: Assignment) -> str:
    with pytest.raises(ExportImpossible) as caught:
        list(export(assignments, form))
    return export_problems_text(caught.value.problems)


@pytest.mark.parametrize(
    ("changes", "problem_text"),
    [
        ({"code": "x = '\x08'"}, "line 1 of its answerpreload contains U+0008"),
        ({"solution": "a = 1\nx = '\x00'"}, "line 2 of its answer contains U+0000"),
        ({"text": "<p>\ufffe</p>"}, "line 1 of its questiontext contains U+FFFE"),
        ({"name": "A\x1bB"}, "line 1 of its name contains U+001B"),
    ],
)
def test_a_character_that_xml_cannot_carry_is_named(
    changes: dict[str, Any], problem_text: str
) -> None:
    sentence = problem(Format.MOODLE, assignment(SUM_EVEN, **changes))

    assert f"cannot be exported as moodle: {problem_text}, which is not allowed in XML." in sentence
    assert "\n" not in sentence


def test_tests_may_hold_any_character_since_they_travel_as_a_file(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN, tests=SUM_EVEN["tests"] + "\nODD = '\x08'\n")

    assert export_to([sample], Format.MOODLE, tmp_path)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize(
    "name",
    ["../solution.py", "a/b.py", "con.py", "NUL.py", "", "x" * 80 + ".py", "a b.py", "a.exe"],
)
def test_a_file_name_that_no_file_system_takes_is_refused(form: Format, name: str) -> None:
    sentence = problem(form, assignment(SUM_EVEN, file_name=name))

    assert f"the file name “{name}” is not valid on every system." in sentence


@pytest.mark.parametrize("form", Format)
def test_an_unapproved_assignment_is_refused(form: Format) -> None:
    assert "it has not been approved yet." in problem(form, assignment(SUM_EVEN, approved_at=""))


@pytest.mark.parametrize("form", Format)
def test_an_empty_export_is_refused(form: Format) -> None:
    assert problem(form) == "There is nothing to export."


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("def (", "its tests cannot be parsed: "),
        ("x = 1", "its tests contain no unittest test methods."),
        ("", "its tests contain no unittest test methods."),
    ],
)
def test_files_without_tests_are_refused(form: Format, tests: str, reason: str) -> None:
    assert reason in problem(form, assignment(SUM_EVEN, tests=tests))


@pytest.mark.parametrize("form", Format)
def test_a_lone_surrogate_is_refused(form: Format) -> None:
    sample = edge_cases()[0].model_copy(update={"solution": "x = '\ud800'\n"})

    assert "cannot be exported" in problem(form, sample)


def test_every_faulty_assignment_is_reported() -> None:
    sentences = problem(
        Format.NBGRADER,
        assignment(SUM_EVEN),
        assignment(SQL_VALUES),
        assignment(SUM_EVEN, assignment="d" * 16, name="Duplicate", approved_at=""),
    )

    assert sentences.splitlines() == [
        "“Rows full of traps” cannot be exported as nbgrader: it is SQL, "
        "and nbgrader supports only Python.",
        "“Duplicate” cannot be exported as nbgrader: it has not been approved yet.",
    ]


@pytest.mark.parametrize("form", Format)
def test_two_assignments_with_one_name_stay_separate(form: Format, tmp_path: Path) -> None:
    namesakes = [assignment(SUM_EVEN), assignment(SUM_EVEN, assignment="00000000000000ab")]

    files = b"".join(file.content for file in export(namesakes, form)).decode()

    assert "Sum of even numbers (00000000000000aa)" in files
    assert "Sum of even numbers (00000000000000ab)" in files
    assert len({item.slug for item in export_items(namesakes)}) == 2


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Łódź & Zürich: 2 towns", "odz-zurich-2-towns"),
        ("数え上げ", "00000000000000aa"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con-task"),
        ("a" * 300, "a" * 60),
        ("Tab\there.", "tab-here"),
    ],
)
def test_a_folder_is_named_after_the_title_in_letters_that_every_file_system_takes(
    title: str, folder: str
) -> None:
    (item,) = export_items([assignment(SUM_EVEN, name=title)])

    assert item.slug == folder


def test_titles_that_differ_only_in_punctuation_get_different_folders() -> None:
    pair = [
        assignment(SUM_EVEN, name="Sum!"),
        assignment(SUM_EVEN, name="sum?", assignment="00000000000000ab"),
    ]

    assert [item.slug for item in export_items(pair)] == [
        "sum-00000000000000aa",
        "sum-00000000000000ab",
    ]


@pytest.mark.parametrize("form", [Format.MOODLE, Format.EXERCISM, Format.JSONL])
def test_no_export_names_the_reviewer(form: Format) -> None:
    whole = b"".join(file.content for file in export(edge_cases(), form)).decode()

    assert REVIEWER not in whole
