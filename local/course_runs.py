"""Starts a generation for each module of a course on the running cloud and reports the results."""

import hashlib
import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console, Group
from rich.table import Table

from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import Course, invalid_event
from coursewright.steps.report_failure import known_advice
from local.execution_events import ENDED
from local.stack import DeployedStack

POLL_SECONDS = 0.2
STARTED = ("started", "duplicate")
MISSING = ("failed", "stopped", "not started")
COURSE_FIELDS = ("course", "brief", "reviewers", "request_id")
LIMIT_FIELDS = ("budget_usd", "concurrency", "tolerated_failures_percent")


class CourseFile(BaseModel):
    """A course file: the course, its modules, and their common options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    course: Course
    modules: list[dict[str, Any]] = Field(min_length=1)
    brief: dict[str, Any] | None = None
    reviewers: list[str] | None = None
    request_id: str | None = None
    budget_usd: float | None = Field(default=None, ge=0)
    concurrency: int | None = Field(default=None, ge=1)
    tolerated_failures_percent: float | None = Field(default=None, ge=0, le=100)


@dataclass(frozen=True)
class ModuleRow:
    """The result of one module: its status, and its execution or why it has none."""

    module: str
    status: str
    details: str


@dataclass(frozen=True)
class CourseReport:
    """The result of a course execution, with one row per module."""

    execution: str
    status: str
    error: str
    rows: tuple[ModuleRow, ...]

    @property
    def counts(self) -> Counter[str]:
        """The number of modules by status."""
        return Counter(row.status for row in self.rows)

    @property
    def next_step(self) -> str:
        """Advice for the course author about missing modules; empty if none is missing."""
        if not any(self.counts[status] for status in MISSING):
            return ""
        command = "start the course again"
        if self.status != "SUCCEEDED":
            command = f"run: python -m local redrive {self.execution}"
        return f"Fix the errors above, then {command}. No module is started twice."


def read_course(file: Path) -> CourseFile:
    """Read a course file; modules can name lesson files relative to it.

    Raises: EventInvalid, naming the first missing or invalid field.
    """
    try:
        course = CourseFile.model_validate(json.loads(file.read_text("utf-8")))
        modules = [_with_lesson(module, file.parent) for module in course.modules]
        return course.model_copy(update={"modules": modules})
    except ValidationError as error:
        raise invalid_event(error, file.name) from error
    except (OSError, ValueError) as error:
        raise EventInvalid(file.name, str(error)) from error


def start_course(stack: DeployedStack, course: CourseFile) -> str:
    """Upload the lessons and the module list, start the execution, and return its ARN."""
    s3, bucket = stack.client("s3"), stack.outputs["ContentBucketName"]
    modules = [_uploaded(module, s3, bucket) for module in course.modules]
    text = json.dumps(modules).encode()
    key = f"uploads/{hashlib.sha256(text).hexdigest()}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=text)
    fields = course.model_dump(
        mode="json", include={*COURSE_FIELDS, *LIMIT_FIELDS}, exclude_none=True
    )
    started = stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.outputs["CourseMachineArn"],
        name=f"{course.course.id[:60]}-{uuid.uuid4().hex[:8]}",
        input=json.dumps(fields | {"modules": {"bucket": bucket, "key": key}}),
    )
    return str(started["executionArn"])


def read_progress(stack: DeployedStack, execution: str) -> Mapping[str, int] | None:
    """Return the number of modules by state, or None once the execution has ended."""
    step_functions = stack.client("stepfunctions")
    if step_functions.describe_execution(executionArn=execution)["status"] in ENDED:
        return None
    map_runs = step_functions.list_map_runs(executionArn=execution)["mapRuns"]
    if not map_runs:
        return {}
    map_run = step_functions.describe_map_run(mapRunArn=map_runs[0]["mapRunArn"])
    counts: Mapping[str, int] = map_run["itemCounts"]
    return counts


def read_report(stack: DeployedStack, execution: str) -> CourseReport:
    """Read the results that the execution's ResultWriter stored, even if it failed."""
    step_functions = stack.client("stepfunctions")
    end = step_functions.describe_execution(executionArn=execution)
    map_runs = step_functions.list_map_runs(executionArn=execution)["mapRuns"]
    rows = tuple(_rows(stack, map_runs[0]["mapRunArn"].rpartition(":")[2])) if map_runs else ()
    error = f"{end['error']}: {end.get('cause', '')}" if end.get("error") else ""
    return CourseReport(end["name"], end["status"], error, rows)


def follow_course(stack: DeployedStack, execution: str, console: Console) -> CourseReport:
    """Print the progress until the execution ends, then each module's result."""
    print_progress(stack, execution, console)
    report = read_report(stack, execution)
    console.print(report_table(report))
    return report


def print_progress(stack: DeployedStack, execution: str, console: Console) -> None:
    """Print the number of finished modules until the execution ends."""
    printed = ""
    while (counts := read_progress(stack, execution)) is not None:
        finished = sum(counts.get(name, 0) for name in ("succeeded", "failed", "timedOut"))
        line = f"{finished} of {counts.get('total', '?')} modules"
        if line != printed:
            console.print(line)
            printed = line
        time.sleep(POLL_SECONDS)


def report_table(report: CourseReport) -> Group:
    """Return the report as a table, with missing modules first and the counts at the end."""
    table = Table("module", "status", "execution or reason")
    for row in sorted(report.rows, key=lambda row: row.status in STARTED):
        table.add_row(row.module, row.status, row.details)
    counts = ", ".join(f"{number} {status}" for status, number in sorted(report.counts.items()))
    lines = [f"{len(report.rows)} modules: {counts or 'none'}", report.next_step]
    return Group(table, *filter(None, lines))


def _rows(stack: DeployedStack, map_run: str) -> Iterator[ModuleRow]:
    manifest = _read(stack, f"courses/{map_run}/manifest.json")
    for outcome, files in manifest["ResultFiles"].items():
        for file in files:
            for row in _read(stack, file["Key"]):
                yield _row(outcome, row)


def _row(outcome: str, row: Mapping[str, Any]) -> ModuleRow:
    if outcome == "SUCCEEDED":
        output = json.loads(row["Output"])
        return ModuleRow(output["module"], output["status"], output.get("execution", ""))
    module = json.loads(row["Input"])["detail"]["module"].get("id", "?")
    if outcome == "PENDING":
        return ModuleRow(module, "not started", "")
    if row["Status"] == "ABORTED":
        return ModuleRow(
            module, "stopped", "the execution stopped while this module was being started"
        )
    details = f"{row['Error']}: {_error_message(row['Cause'])} {known_advice(row['Error'])}"
    return ModuleRow(module, "failed", details.strip())


def _error_message(cause: str) -> str:
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause


def _read(stack: DeployedStack, key: str) -> Any:
    bucket = stack.outputs["ContentBucketName"]
    return json.loads(stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def _with_lesson(module: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "file" not in module:
        return module
    rest = {name: value for name, value in module.items() if name != "file"}
    return rest | {"html": (folder / module["file"]).read_text("utf-8")}


def _uploaded(module: dict[str, Any], s3: Any, bucket: str) -> dict[str, Any]:
    """Replace a lesson with its S3 location, because an item becomes an execution's input."""
    if not isinstance(module.get("html"), str):
        return module
    text = module["html"].encode()
    key = f"uploads/{hashlib.sha256(text).hexdigest()}.html"
    s3.put_object(Bucket=bucket, Key=key, Body=text)
    rest = {name: value for name, value in module.items() if name != "html"}
    return rest | {"s3": {"bucket": bucket, "key": key}}
