"""The schemas accept exactly what models are allowed to submit."""

from typing import Any

import pytest
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, ValidationError

from coursewright.agents.schemas import (
    PythonTestsSchema,
    SolutionSchema,
    SqlTestsSchema,
    assignments_schema,
)
from coursewright.domain.brief import Kind
from tests.unit.agents.fixtures import GOOD_DATASETS, GOOD_SOLUTION, GOOD_TESTS, good_assignments

SCHEMAS = [
    assignments_schema(Kind.PYTHON, 2),
    assignments_schema(Kind.SQL, 2),
    PythonTestsSchema,
    SqlTestsSchema,
    SolutionSchema,
]


def python_item(**changes: Any) -> dict[str, Any]:
    return {"assignments": [good_assignments()["assignments"][0] | changes]}


def every_field(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return all properties, including nested ones."""
    fields: list[tuple[str, dict[str, Any]]] = []
    for name, field in schema.get("properties", {}).items():
        fields += [(name, field), *every_field(field.get("items", {}))]
    return fields


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_every_field_has_a_description_for_the_model(schema: type[BaseModel]) -> None:
    parameters = convert_to_openai_tool(schema)["function"]["parameters"]

    fields = every_field(parameters)

    assert fields
    assert [name for name, field in fields if len(field.get("description", "")) < 25] == []


def test_good_answers_are_accepted() -> None:
    answers: list[tuple[type[BaseModel], dict[str, Any]]] = [
        (assignments_schema(Kind.PYTHON, 2), good_assignments()),
        (PythonTestsSchema, GOOD_TESTS),
        (SqlTestsSchema, GOOD_DATASETS),
        (SolutionSchema, GOOD_SOLUTION),
    ]

    accepted = [schema.model_validate(answer) for schema, answer in answers]

    assert len(accepted) == 4


@pytest.mark.parametrize("name", ["solution.py", "leap.py", "two_fer.py", "Queue2.py", "_x.py"])
def test_a_module_name_is_a_file_name(name: str) -> None:
    schema = assignments_schema(Kind.PYTHON, 1)

    assert schema.model_validate(python_item(file_name=name))


@pytest.mark.parametrize(
    "name",
    [
        *("", "solution", "a-b.py", "../a.py", "a/b.py", "a.sql", "a.PY", "a.py\n"),
        *("unittest.py", "sys.py", "Random.py", "class.py", "test_it.py", "tests.py"),
        "x" * 62 + ".py",
    ],
)
def test_an_invalid_or_reserved_module_name_is_refused(name: str) -> None:
    schema = assignments_schema(Kind.PYTHON, 1)

    with pytest.raises(ValidationError, match="file_name"):
        schema.model_validate(python_item(file_name=name))


@pytest.mark.parametrize(
    "changes",
    [
        {"difficulty": 0},
        {"difficulty": 6},
        {"difficulty": 2.0},
        {"difficulty": True},
        {"name": " "},
        {"name": "n" * 201},
        {"text": "t" * 20_001},
        {"code": "c" * 50_001},
        {"concepts": "for"},
        {"schema_sql": ""},
    ],
)
def test_a_field_outside_of_its_bounds_is_refused(changes: dict[str, Any]) -> None:
    schema = assignments_schema(Kind.PYTHON, 1)

    with pytest.raises(ValidationError):
        schema.model_validate(python_item(**changes))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], {"a": 1}, b"x"])
def test_a_cell_is_a_plain_value(value: object) -> None:
    dataset = GOOD_DATASETS["datasets"][0] | {"expected_rows": [[value]]}

    with pytest.raises(ValidationError):
        SqlTestsSchema.model_validate({"datasets": [dataset]})


def test_cells_keep_their_types() -> None:
    cells = ["a", 1, 1.0, True, None]
    dataset = GOOD_DATASETS["datasets"][0] | {"expected_rows": [cells]}

    row = SqlTestsSchema.model_validate({"datasets": [dataset]}).datasets[0].expected_rows[0]

    assert [type(cell) for cell in row] == [str, int, float, bool, type(None)]
