"""The words in which a check is asked for and its evidence is given back."""

from keyword import iskeyword
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from coursewright.domain.base import Record
from coursewright.domain.errors import EventInvalid
from coursewright.verification.rejections import Fault, Reason, Verdict

Source = Annotated[str, Field(max_length=200_000)]
Cell = bool | int | float | str | None


def _whole(code: object) -> object:
    return code.encode("utf-8", "replace").decode() if isinstance(code, str) else code


# Code that is too long is told so, like all else that is wrong with it: only what could not even
# be sent is refused here. Halves of characters cannot be sent on.
Code = Annotated[str, BeforeValidator(_whole), Field(max_length=6_000_000)]


class PythonCheck(Record):
    """A Python draft: what the student gets, what solves it, what tests it."""

    kind: Literal["python"]
    file_name: str = Field(default="solution.py", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}\.py$")
    starter: Code
    solution: Code
    tests: Code
    # Another solution to compare with: then the tests themselves are not weighed.
    reference: Code = ""

    @field_validator("file_name")
    @classmethod
    def _can_be_imported(cls, file_name: str) -> str:
        if iskeyword(file_name.removesuffix(".py")):
            raise ValueError("a test cannot import a module whose name is a Python keyword")
        return file_name

    @property
    def module(self) -> str:
        """Name the module that the tests import."""
        return self.file_name.removesuffix(".py")

    @property
    def tests_module(self) -> str:
        """Name the module that holds the tests."""
        return f"test_{self.module}"


class Dataset(Record):
    """Rows to fill the tables with, and what the query must make of them."""

    name: str
    seed_sql: Source
    expected_columns: list[str] = Field(max_length=100)
    expected_rows: list[list[Cell]] = Field(max_length=1_000)


class SqlCheck(Record):
    """An SQL draft: tables, queries, and the datasets that tell right from wrong."""

    kind: Literal["sql"]
    schema_sql: Source
    starter: Source
    solution: Source
    ordered: bool = False
    datasets: list[Dataset] = Field(max_length=20)
    text: Source = ""
    lesson: Source = ""
    reference: Source = ""


CheckRequest = PythonCheck | SqlCheck
REQUEST: TypeAdapter[CheckRequest] = TypeAdapter(
    Annotated[PythonCheck | SqlCheck, Field(discriminator="kind")]
)


class Failure(Record):
    """One test that did not pass, with the values that show why."""

    test: str
    message: str = Field(max_length=600)


class Mutants(Record):
    """How many wrong variants of the solution the tests tell from the right one."""

    total: int = 0
    killed: int = 0
    survivors: list[str] = Field(default_factory=list)
    # Variants that gave the same on every value that was tried: they may mean the same.
    unproven: list[str] = Field(default_factory=list)


class Evidence(Record):
    """All that a check has found out about a draft."""

    verdict: Verdict
    reasons: list[Reason] = Field(default_factory=list)
    solution_passes: bool = False
    starter_fails: bool = False
    tests_run: int = 0
    mutants: Mutants = Mutants()
    repeatable: bool = False
    duration_ms: int = 0
    failures: list[Failure] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    # Inputs to which the reference gives another answer, the smallest first.
    differences: list[str] = Field(default_factory=list)
    fault: Fault = Fault.NONE


def parse_request(payload: object) -> CheckRequest:
    """Read what is to be checked.

    Raises:
        EventInvalid: naming the first field that is missing or wrong.
    """
    try:
        return REQUEST.validate_python(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, problem["loc"])) or "kind"
        raise EventInvalid(field, problem["msg"]) from error
