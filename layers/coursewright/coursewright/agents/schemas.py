"""Schemas of the answers; field descriptions are instructions to the model."""

import sys
from keyword import iskeyword
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from coursewright.domain.brief import Kind
from coursewright.domain.title import clean_title

_MODULE = r"^[A-Za-z_][A-Za-z0-9_]{0,60}"


def _require_free_name(file_name: str) -> str:
    module = file_name.rpartition(".")[0].lower()
    if module in sys.stdlib_module_names or iskeyword(module):
        raise ValueError(f"{file_name} is named like a standard module or a keyword")
    if module in ("test", "tests") or module.startswith("test_"):
        raise ValueError(f"{file_name} is a name reserved for the tests")
    return file_name


ShortText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Code = Annotated[str, Field(max_length=50_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class ToolArguments(BaseModel):
    """Arguments of a save tool: strict, complete and without extra fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class AssignmentItem(ToolArguments):
    """One assignment as the learner sees it."""

    name: Annotated[ShortText, AfterValidator(clean_title)] = Field(
        description="Short title of the assignment, different from every other title in this set. "
        "It says what the learner will make, not which keyword is practised. Plain text."
    )
    text: str = Field(
        min_length=1,
        max_length=20_000,
        pattern=r"\S",
        description="The complete assignment as HTML: situation, task, exact names and results, "
        "limits and at least one worked example. Use only p, h3, h4, ul, ol, li, code, pre, em, "
        "strong, table, thead, tbody, tr, th and td. No script, style, image, link or solution.",
    )
    difficulty: int = Field(
        ge=1,
        le=5,
        description="1 = one small step with the lesson's idea, 5 = several ideas combined. "
        "Difficulty never decreases: no assignment is easier than the one before it.",
    )
    concepts: list[ShortText] = Field(
        default_factory=list,
        max_length=20,
        description="Topics that the learner needs, the new one first. Only topics from the lesson "
        "or from the list of known topics.",
    )


class PythonAssignment(AssignmentItem):
    """One Python assignment."""

    code: Code = Field(
        default="",
        description="Starter code for the learner's file: signatures with a docstring and a body "
        "of `pass`, or an empty string. It must load without errors and must not solve the task.",
    )
    file_name: Annotated[
        str, Field(pattern=_MODULE + r"\.py$", max_length=64), AfterValidator(_require_free_name)
    ] = Field(
        default="solution.py",
        description="Name of the learner's file: a lower-case module name such as solution.py. "
        "Never the name of a standard module and never a name that starts with test.",
    )


class SqlAssignment(AssignmentItem):
    """One SQL assignment."""

    code: Code = Field(
        default="",
        description="Starter code for the learner's query: a comment or an unfinished SELECT that "
        "does not solve the task, or an empty string.",
    )
    file_name: Annotated[
        str, Field(pattern=_MODULE + r"\.sql$", max_length=64), AfterValidator(_require_free_name)
    ] = Field(default="solution.sql", description="Name of the learner's file: solution.sql.")
    schema_sql: str = Field(
        min_length=1,
        max_length=50_000,
        description="CREATE TABLE statements for SQLite, with keys, NOT NULL and CHECK constraints "
        "where they help to understand the data. No INSERT: the tests supply the rows.",
    )


class RequirementItem(ToolArguments):
    """The requirement that one test checks."""

    test: ShortText = Field(
        description="Name of the test method, such as test_an_empty_list_gives_zero; "
        "for SQL, the name of the dataset."
    )
    quote: Annotated[str, Field(min_length=1, max_length=2_000)] = Field(
        description="The passage of the assignment text that this test checks, copied character "
        "for character without HTML tags. Not a paraphrase."
    )


class PythonTestsSchema(ToolArguments):
    """The tests of a Python assignment."""

    tests: str = Field(
        min_length=1,
        max_length=100_000,
        description="Source of one complete unittest module that imports what it needs from the "
        "learner's file and tests every requirement of the text. No output, no input, nothing "
        "random.",
    )
    requirements: list[RequirementItem] = Field(
        default_factory=list,
        max_length=200,
        description="One entry per test method: the passage of the text that it checks.",
    )


class DatasetItem(ToolArguments):
    """Rows and the result that a correct query returns for them."""

    name: Annotated[ShortText, AfterValidator(clean_title)] = Field(
        description="What is special about these rows, in two to five words, for example "
        "'customer without orders'."
    )
    seed_sql: str = Field(
        min_length=1,
        max_length=100_000,
        description="INSERT statements that fill the assignment's tables, and nothing else.",
    )
    expected_columns: list[ShortText] = Field(
        min_length=1,
        max_length=100,
        description="Column names of the result from left to right, exactly as in the text.",
    )
    expected_rows: list[list[str | int | Number | bool | None]] = Field(
        max_length=1_000,
        description="The rows that a correct query returns for this dataset, each a list of plain "
        "values in column order: text, number or null. May be empty.",
    )


class SqlTestsSchema(ToolArguments):
    """The tests of an SQL assignment."""

    datasets: list[DatasetItem] = Field(
        min_length=1,
        max_length=20,
        description="At least two different datasets: an ordinary one, and one with edge cases "
        "(NULL, ties, no match, an empty table). A wrong query must fail on at least one.",
    )
    ordered: bool = Field(
        default=False,
        description="true only if the text requires an order of rows; rows are then compared in "
        "that order.",
    )
    requirements: list[RequirementItem] = Field(
        default_factory=list,
        max_length=200,
        description="The passages of the text that each dataset checks; several entries may name "
        "the same dataset.",
    )


class SolutionSchema(ToolArguments):
    """The model's own solution to an assignment."""

    code: Annotated[str, Field(min_length=1, max_length=50_000, pattern=r"\S")] = Field(
        description="The complete content of the learner's file: a correct, simple solution as a "
        "good learner at this level would write it. For SQL, a single SELECT statement."
    )
    explanation: Annotated[str, Field(max_length=20_000)] = Field(
        description="Three to eight sentences for the learner: the idea, why it works, and the "
        "mistake to watch out for. Plain text in the language of the assignment."
    )


class HintSchema(ToolArguments):
    """One hint, in plain text."""

    hint: Annotated[str, Field(min_length=1, max_length=400, pattern=r"\S")] = Field(
        description="One or two sentences for a learner who is stuck. Plain text, no code."
    )


_ITEMS: dict[Kind, type[AssignmentItem]] = {
    Kind.PYTHON: PythonAssignment,
    Kind.SQL: SqlAssignment,
}
TESTS_SCHEMAS: dict[Kind, type[ToolArguments]] = {
    Kind.PYTHON: PythonTestsSchema,
    Kind.SQL: SqlTestsSchema,
}


def assignments_schema(kind: Kind, count: int) -> type[ToolArguments]:
    """Return the schema for exactly `count` assignments of a kind."""
    list_type: Any = list.__class_getitem__(_ITEMS[kind])
    field = Field(
        min_length=count,
        max_length=count,
        description=f"Exactly {count} assignments, from the easiest to the hardest.",
    )
    return create_model(
        "AssignmentsSchema",
        __base__=ToolArguments,
        __doc__="The set of assignments for one lesson.",
        assignments=(list_type, field),
    )
