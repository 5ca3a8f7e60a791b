"""The function converts a payload to evidence and does nothing else."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def handle(event: dict[str, Any]) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("app", ROOT / "functions/check_code/app.py")
    assert spec is not None
    assert spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    evidence: dict[str, Any] = app.handler(event, None)
    return evidence


@pytest.mark.parametrize("name", ["python_leap", "sql_books"])
def test_a_sample_draft_is_verified(name: str) -> None:
    event = json.loads((ROOT / f"events/check_code/{name}.json").read_text("utf-8"))

    evidence = handle(event)

    assert evidence["verdict"] == "verified"
    assert evidence["duration_ms"] >= 0
    assert json.loads(json.dumps(evidence)) == evidence
