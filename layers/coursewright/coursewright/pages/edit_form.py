"""A draft's parts as the fields of a form, and back."""

import json
from typing import Any

from pydantic import ValidationError

from coursewright.domain.assignment import Dataset
from coursewright.domain.edit import Parts
from coursewright.domain.errors import EditInvalid
from coursewright.domain.problems import ProblemCode
from coursewright.web.http import Request

PLAIN = {
    "name": "name",
    "text": "text",
    "starter": "code",
    "schema_sql": "schema_sql",
    "tests": "tests",
    "solution": "solution",
}


def fields_of(parts: Parts) -> dict[str, str]:
    """Return the form's fields; an expected answer has one line of JSON per row."""
    fields = {field: str(getattr(parts, name)) for field, name in PLAIN.items()}
    for at, one in enumerate(parts.datasets):
        fields[f"seed-{at}"] = one.seed_sql
        lines = [one.expected_columns, *one.expected_rows]
        fields[f"answer-{at}"] = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    return fields


def typed_fields(request: Request, before: Parts) -> dict[str, str]:
    """Return what was typed; a field that the form did not hold is as before."""
    known = fields_of(before)
    return {name: _typed(request, name, known[name]) for name in known}


def parts_of(fields: dict[str, str], before: Parts) -> Parts:
    """Read the fields. Raises: EditInvalid."""
    texts = {name: fields[field] for field, name in PLAIN.items()}
    texts["name"] = " ".join(texts["name"].split())
    datasets = tuple(_dataset(one, at, fields) for at, one in enumerate(before.datasets))
    return before.model_copy(update=texts | {"datasets": datasets})


def _typed(request: Request, name: str, before: str) -> str:
    if name not in request.form:
        return before
    typed = request.field(name).replace("\r\n", "\n").replace("\x00", "")
    # A browser drops the first line break of a text area, and nobody sees the last one.
    return before if typed.strip("\n") == before.strip("\n") else typed


def _dataset(one: Dataset, at: int, fields: dict[str, str]) -> Dataset:
    lines = [line for line in fields[f"answer-{at}"].splitlines() if line.strip()]
    try:
        columns, *rows = [json.loads(line) for line in lines]
        changed: dict[str, Any] = {"seed_sql": fields[f"seed-{at}"], "expected_columns": columns}
        return Dataset.model_validate(one.model_dump() | changed | {"expected_rows": rows})
    except (ValueError, ValidationError, RecursionError) as error:
        raise EditInvalid(ProblemCode.DATASET_UNREADABLE) from error
