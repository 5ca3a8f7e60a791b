"""Loads the practice authors' work from strictly validated TOML files that teachers can edit."""

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LESSONS = Path(__file__).parent / "lessons"
LESSON_FILE = "lesson.toml"  # shared by all authors of a lesson
REVISED = " (revised)"

type Cell = str | int | float | None


class Kind(StrEnum):
    PYTHON = "python"
    SQL = "sql"


class Part(StrEnum):
    ASSIGNMENTS = "assignments"
    TESTS = "tests"
    SOLUTION = "solution"
    HINT = "hint"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Requirement(_Strict):
    """A passage of the text, and the test (for SQL, the dataset) that checks it."""

    test: str
    quote: str


class Dataset(_Strict):
    """Rows to insert, and the table that a correct query returns for them."""

    name: str
    seed_sql: str
    expected: str

    @property
    def columns(self) -> list[str]:
        """The column names, from the first line of the expected table."""
        return _split_cells(self._lines()[0])

    @property
    def rows(self) -> list[list[Cell]]:
        """The values, from the other lines of the expected table."""
        return [[_parse_value(cell) for cell in _split_cells(line)] for line in self._lines()[1:]]

    @model_validator(mode="after")
    def _require_equal_width(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"dataset {self.name!r}: a row and the header differ in width")
        return self

    def _lines(self) -> list[str]:
        return [line for line in self.expected.splitlines() if line.strip()]


class FlawedAttempt(_Strict):
    """Incorrect work that an author submits before the correct version."""

    part: Part
    tests: str = ""
    solution: str = ""
    datasets: tuple[Dataset, ...] = ()

    @model_validator(mode="after")
    def _require_one_piece_of_work(self) -> Self:
        present = [bool(self.tests), bool(self.solution), bool(self.datasets)]
        if sum(present) != 1 or bool(self.solution) != (self.part is Part.SOLUTION):
            raise ValueError("a flawed attempt contains exactly the work of its part")
        return self


class Assignment(_Strict):
    """One assignment with all the work that agents write for it."""

    name: str = Field(pattern=r"^[A-Z][A-Za-z -]{9,}$")  # recognisable in a prompt even if escaped
    text: str
    starter: str
    file_name: str
    difficulty: int = Field(ge=1, le=5)
    concepts: tuple[str, ...] = Field(min_length=1)
    revision: str
    solution: str
    explanation: str
    ordered: bool = False
    schema_sql: str = ""
    tests: str = ""
    datasets: tuple[Dataset, ...] = ()
    requirements: tuple[Requirement, ...] = Field(min_length=1)
    flawed: tuple[FlawedAttempt, ...] = ()

    def flawed_attempts(self, part: Part) -> list[FlawedAttempt]:
        """Return the incorrect attempts in the order of submission."""
        return [flawed for flawed in self.flawed if flawed.part is part]


class Portfolio(_Strict):
    """All assignments by one author for one lesson, easiest first."""

    lesson: str
    kind: Kind
    model: str
    lesson_phrases: tuple[str, ...] = Field(min_length=1)  # these occur only in this lesson
    assignments: tuple[Assignment, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _require_complete(self) -> Self:
        for assignment in self.assignments:
            is_sql = bool(assignment.schema_sql) and len(assignment.datasets) > 1
            is_python = bool(assignment.tests) and not assignment.schema_sql
            if not (is_sql if self.kind is Kind.SQL else is_python):
                raise ValueError(f"{assignment.name!r} is not a complete {self.kind} assignment")
        return self

    @model_validator(mode="after")
    def _require_rising_difficulty(self) -> Self:
        difficulties = [assignment.difficulty for assignment in self.assignments]
        if difficulties != sorted(difficulties):
            raise ValueError(f"{self.model}, {self.lesson}: difficulty must not decrease")
        return self


@cache
def portfolios() -> tuple[Portfolio, ...]:
    """Load every author's work for every sample lesson."""
    return tuple(
        Portfolio.model_validate(_read(path.with_name(LESSON_FILE)) | _read(path))
        for path in sorted(LESSONS.glob("*/*.toml"))
        if path.name != LESSON_FILE
    )


def _read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _split_cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _parse_value(cell: str) -> Cell:
    if cell == "NULL":
        return None
    if re.fullmatch(r"-?\d+", cell):
        return int(cell)
    if re.fullmatch(r"-?\d+\.\d+", cell):
        return float(cell)
    return cell
