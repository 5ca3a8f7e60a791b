"""Exports are written completely or not at all; imports yield one event per review."""

import errno
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ImportInvalid
from coursewright.domain.export import Format
from coursewright.domain.lesson import parse_module_published
from coursewright.exports.export import export
from coursewright.steps.import_drafts import validation_error
from local import import_export
from local.import_export import import_events, read_import, write_export
from tests.exports.refused import refused
from tests.exports.samples import (
    SPECIAL_CHARACTERS,
    SQL_VALUES,
    SUM_EVEN,
    assignment,
    edge_cases,
    from_practice,
)

PYTHON = [assignment(SUM_EVEN), assignment(SPECIAL_CHARACTERS)]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("form", Format)
def test_a_second_export_replaces_the_first_and_nothing_else(form: Format, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_export(PYTHON, form, tmp_path)
    first = tree(tmp_path)

    write_export(PYTHON, form, tmp_path)

    assert tree(tmp_path) == first
    assert first["notes.txt"] == b"mine"
    assert not list(tmp_path.glob(".export-*"))


@pytest.mark.parametrize("form", Format)
def test_a_faulty_assignment_leaves_no_files(form: Format, tmp_path: Path) -> None:
    bad = assignment(SPECIAL_CHARACTERS, approved_at="")

    with refused("it has not been approved yet"):
        write_export([assignment(SUM_EVEN), bad], form, tmp_path / "out")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", Format)
def test_a_full_disk_leaves_the_earlier_export_as_it_was(
    form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_export(PYTHON, form, tmp_path)
    before = tree(tmp_path)

    def full(files: Iterable[Any], folder: Path) -> None:
        folder.mkdir()
        (folder / "half").write_bytes(next(iter(files)).content)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(import_export, "_write_files", full)
    with refused("No space left on device. Nothing was written."):
        write_export([assignment(SUM_EVEN, difficulty=5)], form, tmp_path)

    assert tree(tmp_path) == before


@pytest.mark.parametrize("form", [Format.EXERCISM, Format.NBGRADER])
def test_a_failure_between_two_renames_restores_the_old_export(
    form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_export(PYTHON, form, tmp_path)
    before = tree(tmp_path)
    moves: list[Path] = []
    move = import_export._move

    def failing(source: Path, target: Path) -> None:
        moves.append(source)
        if len(moves) == 4:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        move(source, target)

    monkeypatch.setattr(import_export, "_move", failing)
    changed = [sample.model_copy(update={"text": "<p>New.</p>"}) for sample in PYTHON]
    with refused("Permission denied"):
        write_export(changed, form, tmp_path)

    assert tree(tmp_path) == before


def test_a_foreign_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "sum-of-even-numbers").mkdir()

    with refused("is not from an earlier export"):
        write_export(PYTHON, Format.EXERCISM, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["sum-of-even-numbers"]


def test_a_file_at_the_path_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    with refused("out: File exists. Nothing was written."):
        write_export(PYTHON, Format.MOODLE, tmp_path / "out")


def test_an_export_names_what_it_wrote(tmp_path: Path) -> None:
    assert write_export(PYTHON, Format.MOODLE, tmp_path) == ["moodle.xml"]
    assert write_export(PYTHON, Format.EXERCISM, tmp_path) == [
        "quotes-braces-tags",
        "sum-of-even-numbers",
    ]
    assert write_export(PYTHON[:1], Format.NBGRADER, tmp_path) == ["source/sum-of-even-numbers"]


def exported(assignments: list[Assignment], folder: Path) -> Path:
    write_export(assignments, Format.JSONL, folder)
    return folder / "assignments.jsonl"


def test_every_sample_assignment_can_be_reimported(tmp_path: Path) -> None:
    found = read_import(exported(from_practice(), tmp_path))

    assert len(found) == len(from_practice())


def test_an_import_is_one_event_for_each_module_and_twenty_assignments() -> None:
    many = [assignment(SUM_EVEN, assignment=f"{number:016x}") for number in range(21)]

    events = list(import_events([*many, assignment(SQL_VALUES)], "content"))

    published = [parse_module_published(event) for event, _ in events]
    assert [
        (sample.course.id, sample.module.id, sample.brief.tasks_count) for sample in published
    ] == [
        ("python-basics", "loops", 20),
        ("python-basics", "loops", 1),
        ("sql-basics", "joins", 1),
    ]
    assert {sample.brief.models for sample in published} == {("imported:file",)}
    assert [len(content.splitlines()) for _, content in events] == [20, 1, 1]


def test_large_assignments_share_their_lessons_with_fewer_others() -> None:
    text = f"<p>{'x' * 19_000}</p>"
    many = [assignment(SUM_EVEN, assignment=f"{n:016x}", text=text) for n in range(20)]

    sizes = [len(content) for _, content in import_events(many, "content")]

    assert len(sizes) > 1
    assert max(sizes) <= import_export.MAX_LESSON_CHARS


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file contains no assignments."),
        (b"\xff\xfe{}", "not encoded in UTF-8."),
        (b"{}\n", "line 1 is not an exported assignment."),
        (b"PK\x03\x04", "line 1 is not JSON"),
    ],
)
def test_a_malformed_import_is_refused_in_one_sentence(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)

    with pytest.raises(ImportInvalid) as caught:
        read_import(path)

    assert str(caught.value).startswith(f"{path}: {problem}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid, match="No such file or directory"):
        read_import(tmp_path / "nowhere.jsonl")


def test_an_assignment_beyond_the_agents_limits_is_refused(tmp_path: Path) -> None:
    sample = assignment(SUM_EVEN, difficulty=9)

    with pytest.raises(
        ImportInvalid, match=r"“Sum of even numbers” cannot be imported: assignments\.0"
    ):
        read_import(exported([sample], tmp_path))

    assert [validation_error(each) for each in edge_cases()] == ["", "", ""]


def test_an_import_carries_the_lines_of_the_export() -> None:
    ((_, content),) = import_events([assignment(SUM_EVEN)], "content")

    whole = b"".join(file.content for file in export([assignment(SUM_EVEN)], Format.JSONL))

    assert content == whole
    assert json.loads(content)["coursewright"]["assignment"] == "00000000000000aa"
