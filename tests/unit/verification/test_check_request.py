"""Tests the input and output of a check."""

import json
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.errors import EventInvalid
from coursewright.domain.evidence import Evidence, FindingCode
from coursewright.markup.finding_sentences import SENTENCES
from coursewright.verification.check_request import PythonCheck, SqlCheck, parse_request

EVENTS = Path(__file__).parents[3] / "events" / "check_code"
PYTHON: dict[str, Any] = {"kind": "python", "starter": "", "solution": "", "tests": ""}


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_event_is_a_request(path: Path) -> None:
    request = parse_request(json.loads(path.read_text("utf-8")))

    assert isinstance(request, PythonCheck | SqlCheck)


def test_the_file_name_names_both_modules() -> None:
    request = parse_request({**PYTHON, "file_name": "two_fer.py"})

    assert isinstance(request, PythonCheck)
    assert (request.module, request.tests_module) == ("two_fer", "test_two_fer")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "cobol"}, "kind"),
        ({"file_name": "../solution.py"}, "python.file_name"),
        ({"file_name": "class.py"}, "python.file_name"),
        ({"solution": 3}, "python.solution"),
        ({"surprise": 1}, "python.surprise"),
        ({"tests": "x" * 6_000_001}, "python.tests"),
    ],
)
def test_a_bad_request_names_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(EventInvalid) as caught:
        parse_request({**PYTHON, **change})

    assert caught.value.field == field


def test_every_reason_has_a_sentence_for_teachers() -> None:
    assert SENTENCES.keys() == set(FindingCode)


def test_evidence_has_the_fields_of_the_contract() -> None:
    fields = Evidence.model_fields.keys()

    assert fields >= {"verdict", "reasons", "solution_passes", "starter_fails", "tests_run"}
    assert fields >= {"mutants", "repeatable", "duration_ms", "failures", "fault", "doubts"}
