"""A course report lists the missing modules, the reasons and the next step."""

import io
import json
from typing import Any, cast

import pytest

from local import course_runs
from local.course_runs import CourseReport, ModuleRow
from local.stack import DeployedStack

MAP_RUN = "arn:aws:states:eu-west-1:000000000000:mapRun:course/Modules:1"


class EndedCourse:
    """A fake stack with a finished course execution and its report files."""

    outputs = {"ContentBucketName": "content"}  # noqa: RUF012

    def __init__(self, *failed: dict[str, str]) -> None:
        self._failed = [
            row | {"Input": json.dumps({"detail": {"module": {"id": f"m{index}"}}})}
            for index, row in enumerate(failed)
        ]

    def client(self, service: str) -> "EndedCourse":
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
    return course_runs.read_report(cast(DeployedStack, EndedCourse(*failed)), "arn").rows


def test_a_start_that_timed_out_comes_with_advice() -> None:
    cause = {"Error": "States.Timeout", "Cause": "Task timed out after 40 seconds"}

    (row,) = rows({"Status": "FAILED", **cause})

    assert row.status == "failed"
    assert row.details.startswith("States.Timeout: Task timed out after 40 seconds")
    assert "nothing needs to be fixed" in row.details


def test_a_start_aborted_with_the_execution_counts_as_stopped() -> None:
    (row,) = rows({"Status": "ABORTED", "Error": "", "Cause": ""})

    assert (row.module, row.status) == ("m0", "stopped")


@pytest.mark.parametrize(
    ("status", "module", "text"),
    [
        ("FAILED", "failed", "python -m local redrive python-1"),
        ("FAILED", "stopped", "python -m local redrive python-1"),
        ("ABORTED", "not started", "python -m local redrive python-1"),
        ("SUCCEEDED", "failed", "start the course again"),
    ],
)
def test_missing_modules_come_with_a_next_step(status: str, module: str, text: str) -> None:
    report = CourseReport("python-1", status, "", (ModuleRow("m0", module, ""),))

    assert text in report.next_step


def test_a_complete_course_needs_no_next_step() -> None:
    report = CourseReport("python-1", "SUCCEEDED", "", (ModuleRow("m0", "duplicate", ""),))

    assert report.next_step == ""
