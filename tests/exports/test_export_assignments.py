"""The function that hands exports out: what may be named, and what comes back."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Exported, Format
from coursewright.steps.export_assignments import ExportTask, export_assignments
from tests.exports.samples import REVIEWER, SPECIAL_CHARACTERS, SQL_VALUES, SUM_EVEN, assignment
from tests.fakes.memory_agents import MemoryGenerations
from tests.fakes.memory_review import MemoryAssignments
from tests.unit.review.builders import GENERATION, generation

EVENTS = Path(__file__).parents[2] / "events" / "export_assignments"
SAMPLES = (
    assignment(SUM_EVEN, generation=GENERATION),
    assignment(SPECIAL_CHARACTERS),
    assignment(SQL_VALUES),
)


def exported(
    *names: str, form: Format = Format.JSONL, published: tuple[Assignment, ...] = SAMPLES
) -> tuple[Exported, bytes]:
    assignments = MemoryAssignments(*published)
    answer = export_assignments(
        ExportTask(names=names, format=form),
        assignments=assignments,
        generations=MemoryGenerations(generation((REVIEWER,))),
    )
    return answer, assignments.exports[answer.file]


def names_in(content: bytes) -> list[str]:
    return [json.loads(line)["task_id"] for line in content.decode().splitlines()]


def test_assignments_come_in_the_order_in_which_they_are_named_and_once() -> None:
    answer, content = exported("00000000000000bb", "00000000000000aa", "00000000000000bb")

    assert names_in(content) == [SPECIAL_CHARACTERS["name"], SUM_EVEN["name"]]
    assert (answer.assignments, answer.file) == (2, "assignments.jsonl")
    assert answer.link == "https://content.example/exports/assignments.jsonl?X-Amz-Expires=900"


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_the_sample_events_are_tasks(path: Path) -> None:
    assert ExportTask.model_validate_json(path.read_text("utf-8")).names


def test_a_module_or_a_generation_stands_for_its_assignments() -> None:
    _, of_module = exported("python-basics/loops")
    published = (assignment(SUM_EVEN, generation=GENERATION), assignment(SPECIAL_CHARACTERS))
    _, of_generation = exported(GENERATION, published=published)

    assert names_in(of_module) == [SUM_EVEN["name"], SPECIAL_CHARACTERS["name"]]
    assert names_in(of_generation) == [SUM_EVEN["name"]]


def test_every_name_that_leads_nowhere_is_told() -> None:
    with pytest.raises(ExportImpossible) as caught:
        exported("nobody", "00000000000000aa", "no/module", "openai:m/r1/d1")

    assert str(caught.value).splitlines() == [
        "'nobody' is neither an approved assignment nor a generation.",
        "no/module: no assignment of this module has been approved.",
        "'openai:m/r1/d1' is neither an approved assignment nor a generation.",
    ]


def test_a_generation_without_approval_says_how_it_stands() -> None:
    with pytest.raises(
        ExportImpossible, match="no assignment has been approved; the generation is running"
    ):
        exported(GENERATION, published=())


@pytest.mark.parametrize("form", [Format.EXERCISM, Format.NBGRADER])
def test_folders_come_as_an_archive_that_is_the_same_each_time(form: Format) -> None:
    answer, content = exported("python-basics/loops", form=form)
    _, again = exported("python-basics/loops", form=form)

    names = zipfile.ZipFile(io.BytesIO(content)).namelist()

    assert answer.file == f"{form}.zip"
    assert content == again
    assert {Path(name).is_absolute() or ".." in name for name in names} == {False}
    assert any("sum-of-even-numbers" in name for name in names)
