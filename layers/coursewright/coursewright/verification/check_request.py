"""The input of `check_code`: the parts to check, within size limits."""

from keyword import iskeyword
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from coursewright.domain.assignment import Dataset
from coursewright.domain.base import Record
from coursewright.domain.errors import EventInvalid

MAX_SOURCE_CHARS = 200_000
MAX_COLUMNS = 100
MAX_ROWS = 1_000

Source = Annotated[str, Field(max_length=MAX_SOURCE_CHARS)]
Cell = bool | int | float | str | None


def _encodable(code: object) -> object:
    return code.encode("utf-8", "replace").decode() if isinstance(code, str) else code


# The human language of the text; empty for a solution to compare, whose text was checked before.
Language = Annotated[str, Field(pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$")]

# Overlong code becomes a finding, like any other fault; only code too large to be sent is refused
# here. Lone surrogates are replaced, because they cannot be encoded for the sandbox.
Code = Annotated[str, BeforeValidator(_encodable), Field(max_length=6_000_000)]


class PythonCheck(Record):
    """A Python draft: starter, solution and tests."""

    kind: Literal["python"]
    file_name: str = Field(default="solution.py", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}\.py$")
    starter: Code
    solution: Code
    tests: Code
    text: Code = ""
    language: Language = ""
    # Another solution to compare with; if it is set, the tests themselves are not measured.
    reference: Code = ""

    @field_validator("file_name")
    @classmethod
    def _can_be_imported(cls, file_name: str) -> str:
        if iskeyword(file_name.removesuffix(".py")):
            raise ValueError("a test cannot import a module whose name is a Python keyword")
        return file_name

    @property
    def module(self) -> str:
        """The module that the tests import."""
        return self.file_name.removesuffix(".py")

    @property
    def tests_module(self) -> str:
        """The module that contains the tests."""
        return f"test_{self.module}"


def _within_limits(dataset: Dataset) -> Dataset:
    sizes = {
        "seed_sql": (len(dataset.seed_sql), MAX_SOURCE_CHARS),
        "expected_columns": (len(dataset.expected_columns), MAX_COLUMNS),
        "expected_rows": (len(dataset.expected_rows), MAX_ROWS),
    }
    for name, (size, limit) in sizes.items():
        if size > limit:
            raise ValueError(f"{name} holds {size} items, more than {limit}")
    return dataset


BoundedDataset = Annotated[Dataset, AfterValidator(_within_limits)]


class SqlCheck(Record):
    """An SQL draft: tables, queries, and datasets with the expected rows."""

    kind: Literal["sql"]
    schema_sql: Source
    starter: Source
    solution: Source
    ordered: bool = False
    datasets: tuple[BoundedDataset, ...] = Field(max_length=20)
    text: Source = ""
    language: Language = ""
    lesson: Source = ""
    reference: Source = ""


CheckRequest = PythonCheck | SqlCheck
REQUEST: TypeAdapter[CheckRequest] = TypeAdapter(
    Annotated[PythonCheck | SqlCheck, Field(discriminator="kind")]
)


def parse_request(payload: object) -> CheckRequest:
    """Validate a request.

    Raises:
        EventInvalid: naming the first field that is missing or wrong.
    """
    try:
        return REQUEST.validate_python(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, problem["loc"])) or "kind"
        raise EventInvalid(field, problem["msg"]) from error
