"""All models and drafts of the largest possible brief run concurrently."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from coursewright.domain.brief import Audience, Brief, Kind

ROOT = Path(__file__).parents[2]
MAX_TASKS = 20


def widths(state: dict[str, Any]) -> list[int]:
    found = [state["MaxConcurrency"]] if state["Type"] == "Map" else []
    inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
    return found + [width for part in inner for s in part["States"].values() for width in widths(s)]


def test_a_brief_fits_the_concurrency_of_the_maps() -> None:
    definition = json.loads((ROOT / "statemachine" / "author_assignments.asl.json").read_text())

    models, drafts = widths(definition["States"]["For each model"])

    assert min(models, drafts) >= MAX_TASKS
    facts: dict[str, Any] = {"kind": Kind.PYTHON, "models": ("openai:a",), "language": "en"}
    Brief(**facts, tasks_count=MAX_TASKS, audience=Audience())
    with pytest.raises(ValidationError):
        Brief(**facts, tasks_count=MAX_TASKS + 1, audience=Audience())
