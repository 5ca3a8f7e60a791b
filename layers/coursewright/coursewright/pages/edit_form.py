"""Converts a draft's parts to form fields and back."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from coursewright.domain.assignment import Dataset
from coursewright.domain.edit import Parts
from coursewright.domain.errors import EditInvalid
from coursewright.domain.problems import ProblemCode
from coursewright.domain.title import clean_title

PART_BY_FIELD = {
    "name": "name",
    "text": "text",
    "starter": "code",
    "schema_sql": "schema_sql",
    "tests": "tests",
    "solution": "solution",
}


def form_fields(parts: Parts) -> dict[str, str]:
    """Return the form's fields; an expected result has one line of JSON per row."""
    fields = {field: str(getattr(parts, name)) for field, name in PART_BY_FIELD.items()}
    for index, dataset in enumerate(parts.datasets):
        fields[f"seed-{index}"] = dataset.seed_sql
        lines = [dataset.expected_columns, *dataset.expected_rows]
        answer = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        fields[f"answer-{index}"] = answer
    return fields


def typed_fields(form: Mapping[str, tuple[str, ...]], before: Parts) -> dict[str, str]:
    """Return the submitted fields; a field that was not submitted keeps its value."""
    return {
        name: _typed(form[name], value) if form.get(name) else value
        for name, value in form_fields(before).items()
    }


def parse_fields(fields: dict[str, str], before: Parts) -> Parts:
    """Return the parts described by the fields. Raises: EditInvalid."""
    texts = {name: fields[field] for field, name in PART_BY_FIELD.items()}
    texts["name"] = clean_title(texts["name"])
    datasets = tuple(
        _dataset(dataset, index, fields) for index, dataset in enumerate(before.datasets)
    )
    return before.model_copy(update=texts | {"datasets": datasets})


def _typed(values: tuple[str, ...], before: str) -> str:
    typed = values[0].replace("\r\n", "\n").replace("\x00", "")
    # Browsers drop a text area's first line break, and the last one is invisible.
    return before if typed.strip("\n") == before.strip("\n") else typed


def _dataset(dataset: Dataset, index: int, fields: dict[str, str]) -> Dataset:
    lines = [line for line in fields[f"answer-{index}"].splitlines() if line.strip()]
    seed = fields[f"seed-{index}"]
    try:
        columns, *rows = [json.loads(line) for line in lines]
        changed: dict[str, Any] = {"seed_sql": seed, "expected_columns": columns}
        return Dataset.model_validate(dataset.model_dump() | changed | {"expected_rows": rows})
    except (ValueError, ValidationError, RecursionError) as error:
        raise EditInvalid(ProblemCode.DATASET_UNREADABLE) from error
