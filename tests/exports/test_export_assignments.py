"""Tests the export function: which names it accepts, and what it stores."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from coursewright.domain.assignment import Assignment
from coursewright.domain.author import Author
from coursewright.domain.export import Export, ExportTask, Format
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.markup.export_text import export_problem_text
from coursewright.steps.export_assignments import export_assignments
from tests.exports.samples import REVIEWER, SPECIAL_CHARACTERS, SQL_VALUES, SUM_EVEN, assignment
from tests.fakes.memory_agents import MemoryGenerations
from tests.fakes.memory_authoring import MemoryExports
from tests.fakes.memory_review import MemoryAssignments, MemoryAudit
from tests.unit.review.builders import GENERATION, FixedClock, generation

EVENTS = Path(__file__).parents[2] / "events" / "export_assignments"
SAMPLES = (
    assignment(SUM_EVEN, generation=GENERATION),
    assignment(SPECIAL_CHARACTERS),
    assignment(SQL_VALUES),
)


class Exporter:
    """The step with its ports in memory."""

    def __init__(self, *published: Assignment) -> None:
        self.assignments = MemoryAssignments(*(published or SAMPLES))
        self.exports = MemoryExports()
        self.audit = MemoryAudit()
        self.clock = FixedClock()

    def export(
        self, *names: str, form: Format = Format.JSONL, author: Author | None = None
    ) -> Export:
        return export_assignments(
            ExportTask(names=names, format=form, author=author),
            assignments=self.assignments,
            generations=MemoryGenerations(generation((REVIEWER,))),
            exports=self.exports,
            audit=self.audit,
            clock=self.clock,
        )

    @property
    def content(self) -> bytes:
        """The only file that was stored."""
        (content,) = self.exports.files.values()
        return content


def names_in(content: bytes) -> list[str]:
    return [json.loads(line)["task_id"] for line in content.decode().splitlines()]


def test_assignments_are_exported_once_in_the_given_order() -> None:
    exporter = Exporter()

    result = exporter.export("00000000000000bb", "00000000000000aa", "00000000000000bb")

    assert names_in(exporter.content) == [SPECIAL_CHARACTERS["name"], SUM_EVEN["name"]]
    assert (result.assignments, result.file) == (2, "assignments.jsonl")
    assert list(exporter.exports.results.values()) == [result]


def test_an_export_names_its_author_and_is_audited_by_pseudonym() -> None:
    exporter, lin = Exporter(), Author(sub="9f3c", email="lin@example.edu")

    result = exporter.export(GENERATION, author=lin)
    exporter.export(GENERATION)

    (entry,) = exporter.audit.entries(GENERATION)
    assert result.author == lin
    assert entry["event"] == "exported"
    assert entry["author"] == lin.pseudonym("")
    assert "lin" not in str(entry)


def test_the_same_request_is_exported_once() -> None:
    exporter = Exporter()
    first = exporter.export("python-basics/loops")
    exporter.exports.files.clear()
    exporter.clock.advance(minutes=10)

    again = exporter.export("python-basics/loops")

    assert again == first
    assert exporter.exports.files == {}


def test_different_content_is_exported_again() -> None:
    exporter = Exporter(SAMPLES[0])
    first = exporter.export("python-basics/loops")
    exporter.assignments.publish(GENERATION, SAMPLES[1:])

    again = exporter.export("python-basics/loops")

    assert again.assignments == 2
    assert len(exporter.exports.files) == 2
    assert list(exporter.exports.results.values()) == [again]
    assert first.content_sha256 != again.content_sha256


def test_a_refused_export_is_retried() -> None:
    exporter = Exporter(SAMPLES[1])
    refused = exporter.export(GENERATION)
    exporter.assignments.publish(GENERATION, SAMPLES[:1])

    again = exporter.export(GENERATION)

    assert refused.problems
    assert (again.problems, again.assignments) == ((), 1)


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_the_sample_events_are_tasks(path: Path) -> None:
    assert ExportTask.model_validate_json(path.read_text("utf-8")).names


def test_a_module_or_a_generation_stands_for_its_assignments() -> None:
    of_module, of_generation = Exporter(), Exporter(*SAMPLES[:2])
    of_module.export("python-basics/loops")
    of_generation.export(GENERATION)

    assert names_in(of_module.content) == [SUM_EVEN["name"], SPECIAL_CHARACTERS["name"]]
    assert names_in(of_generation.content) == [SUM_EVEN["name"]]


def test_every_unusable_name_is_explained() -> None:
    exporter = Exporter()

    result = exporter.export("nobody", "00000000000000aa", "no/module", "openai:m/r1/d1")

    assert [export_problem_text(problem) for problem in result.problems] == [
        "“nobody” is neither an approved assignment nor a generation.",
        "no/module: no assignments of this module have been approved.",
        "“openai:m/r1/d1” is neither an approved assignment nor a generation.",
    ]
    assert list(exporter.exports.results.values()) == [result]
    assert exporter.exports.files == {}


def test_a_generation_without_approval_has_nothing_to_export() -> None:
    result = Exporter(SAMPLES[1]).export(GENERATION)

    (problem,) = result.problems
    assert problem.code is ExportProblemCode.GENERATION_NOT_APPROVED


@pytest.mark.parametrize("form", [Format.EXERCISM, Format.NBGRADER])
def test_folders_are_exported_as_a_reproducible_archive(form: Format) -> None:
    exporter, another = Exporter(), Exporter()

    result = exporter.export("python-basics/loops", form=form)
    another.export("python-basics/loops", form=form)

    names = zipfile.ZipFile(io.BytesIO(exporter.content)).namelist()
    assert result.file == f"{form}.zip"
    assert exporter.content == another.content
    assert {Path(name).is_absolute() or ".." in name for name in names} == {False}
    assert any("sum-of-even-numbers" in name for name in names)
