"""Whoever starts a course reads what is missing, why, and how to start it."""

import io
import json
from typing import Any, cast

import pytest

from local import course_runs
from local.course_runs import CourseReport, ModuleRow
from local.stack import DeployedStack

MAP_RUN = "arn:aws:states:eu-west-1:000000000000:mapRun:course/Modules:1"


class Ended:
    """A laptop on which a course's run has ended: its engine, and the files of its report."""

    outputs = {"ContentBucketName": "content"}  # noqa: RUF012

    def __init__(self, *failed: dict[str, str]) -> None:
        self._failed = [
            one | {"Input": json.dumps({"detail": {"module": {"id": f"m{at}"}}})}
            for at, one in enumerate(failed)
        ]

    def client(self, service: str) -> "Ended":
        return self

    def describe_execution(self, **_: str) -> dict[str, str]:
        return {"name": "python-1", "status": "FAILED"}

    def list_map_runs(self, **_: str) -> dict[str, Any]:
        return {"mapRuns": [{"mapRunArn": MAP_RUN}]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        content: Any = self._failed
        if Key.endswith("manifest.json"):
            content = {"ResultFiles": {"FAILED": [{"Key": "FAILED_0.json"}]}}
        return {"Body": io.BytesIO(json.dumps(content).encode())}


def rows(*failed: dict[str, str]) -> tuple[ModuleRow, ...]:
    return course_runs.read_report(cast(DeployedStack, Ended(*failed)), "arn").rows


def test_a_start_that_took_too_long_says_what_to_do() -> None:
    cause = {"Error": "States.Timeout", "Cause": "Task timed out after 40 seconds"}

    (row,) = rows({"Status": "FAILED", **cause})

    assert row.status == "failed"
    assert row.details.startswith("States.Timeout: Task timed out after 40 seconds")
    assert "nothing is to be mended" in row.details


def test_a_start_that_the_runs_end_cut_off_is_no_failure_of_its_own() -> None:
    (row,) = rows({"Status": "ABORTED", "Error": "", "Cause": ""})

    assert (row.module, row.status) == ("m0", "stopped")


@pytest.mark.parametrize(
    ("status", "module", "words"),
    [
        ("FAILED", "failed", "python -m local redrive python-1"),
        ("FAILED", "stopped", "python -m local redrive python-1"),
        ("ABORTED", "not tried", "python -m local redrive python-1"),
        ("SUCCEEDED", "failed", "start the course again"),
    ],
)
def test_what_is_missing_can_be_started(status: str, module: str, words: str) -> None:
    found = CourseReport("python-1", status, "", (ModuleRow("m0", module, ""),))

    assert words in found.next_step


def test_a_course_that_was_started_needs_no_next_step() -> None:
    found = CourseReport("python-1", "SUCCEEDED", "", (ModuleRow("m0", "duplicate", ""),))

    assert found.next_step == ""
