"""Starts the generations of a whole course on the running cloud, and tells what came of it."""

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
from local.stack import Laptop

POLL_SECONDS = 0.2
STARTED = ("started", "duplicate")
MISSING = ("failed", "stopped", "not tried")
PASSED_ON = ("course", "brief", "reviewers", "request_id")
BOUNDS = ("budget_usd", "concurrency", "tolerated_failures_percent")


class CourseFile(BaseModel):
    """A course with the list of its modules, as a file on this machine has it."""

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
    """What came of one module."""

    module: str
    status: str
    about: str


@dataclass(frozen=True)
class CourseReport:
    """What came of a course: the run's end, and a row per module."""

    run: str
    status: str
    error: str
    rows: tuple[ModuleRow, ...]

    @property
    def counts(self) -> Counter[str]:
        """Count the modules by what came of them."""
        return Counter(row.status for row in self.rows)

    @property
    def next_step(self) -> str:
        """Say how what is missing gets started, if anything is."""
        if not any(self.counts[status] for status in MISSING):
            return ""
        again = "start the course once more"
        if self.status != "SUCCEEDED":
            again = f"run: python -m local redrive {self.run}"
        return f"Mend what the rows name, then {again}. What was started is not started twice."


def read_course(file: Path) -> CourseFile:
    """Read a course file; a module may name its lesson's file, relative to it.

    Raises: EventInvalid names the first field that is missing or wrong.
    """
    try:
        given = json.loads(file.read_text("utf-8"))
        course = CourseFile.model_validate(given)
        return course.model_copy(
            update={"modules": [_with_lesson(one, file.parent) for one in course.modules]}
        )
    except ValidationError as error:
        raise invalid_event(error, file.name) from error
    except (OSError, ValueError) as error:
        raise EventInvalid(file.name, str(error)) from error


def start_course(laptop: Laptop, course: CourseFile) -> str:
    """Put lessons and list into the bucket and start the run; gives its ARN."""
    s3, bucket = laptop.client("s3"), laptop.outputs["ContentBucketName"]
    modules = [_uploaded(one, s3, bucket) for one in course.modules]
    text = json.dumps(modules).encode()
    key = f"uploads/{hashlib.sha256(text).hexdigest()}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=text)
    named = course.model_dump(mode="json", include={*PASSED_ON, *BOUNDS}, exclude_none=True)
    started = laptop.client("stepfunctions").start_execution(
        stateMachineArn=laptop.outputs["CourseMachineArn"],
        name=f"{course.course.id[:60]}-{uuid.uuid4().hex[:8]}",
        input=json.dumps(named | {"modules": {"bucket": bucket, "key": key}}),
    )
    return str(started["executionArn"])


def progress(laptop: Laptop, execution: str) -> Mapping[str, int] | None:
    """Count the modules of a run by state; None once it has ended."""
    engine = laptop.client("stepfunctions")
    if engine.describe_execution(executionArn=execution)["status"] in ENDED:
        return None
    runs = engine.list_map_runs(executionArn=execution)["mapRuns"]
    if not runs:
        return {}
    counts: Mapping[str, int] = engine.describe_map_run(mapRunArn=runs[0]["mapRunArn"])[
        "itemCounts"
    ]
    return counts


def report(laptop: Laptop, execution: str) -> CourseReport:
    """Read what the run's ResultWriter left, also of a run that failed."""
    engine = laptop.client("stepfunctions")
    end = engine.describe_execution(executionArn=execution)
    runs = engine.list_map_runs(executionArn=execution)["mapRuns"]
    rows = tuple(_rows(laptop, runs[0]["mapRunArn"].rpartition(":")[2])) if runs else ()
    error = f"{end['error']}: {end.get('cause', '')}" if end.get("error") else ""
    return CourseReport(end["name"], end["status"], error, rows)


def follow(laptop: Laptop, execution: str, console: Console) -> CourseReport:
    """Tell a run's progress until it has ended, then what came of each module."""
    tell_progress(laptop, execution, console)
    found = report(laptop, execution)
    console.print(told(found))
    return found


def tell_progress(laptop: Laptop, execution: str, console: Console) -> None:
    """Say how many modules have been dealt with, until the run has ended."""
    said = ""
    while (counts := progress(laptop, execution)) is not None:
        done = sum(counts.get(name, 0) for name in ("succeeded", "failed", "timedOut"))
        line = f"{done} of {counts.get('total', '?')} modules"
        if line != said:
            console.print(line)
            said = line
        time.sleep(POLL_SECONDS)


def told(found: CourseReport) -> Group:
    """Return the report as a table: what was not started first, then the counts."""
    table = Table("module", "status", "run, or why not")
    for row in sorted(found.rows, key=lambda row: row.status in STARTED):
        table.add_row(row.module, row.status, row.about)
    counts = ", ".join(f"{number} {status}" for status, number in sorted(found.counts.items()))
    lines = [f"{len(found.rows)} modules: {counts or 'none'}", found.next_step]
    return Group(table, *filter(None, lines))


def _rows(laptop: Laptop, map_run: str) -> Iterator[ModuleRow]:
    manifest = _read(laptop, f"courses/{map_run}/manifest.json")
    for outcome, files in manifest["ResultFiles"].items():
        for file in files:
            for row in _read(laptop, file["Key"]):
                yield _row(outcome, row)


def _row(outcome: str, row: Mapping[str, Any]) -> ModuleRow:
    if outcome == "SUCCEEDED":
        told = json.loads(row["Output"])
        return ModuleRow(told["module"], told["status"], told.get("execution", ""))
    module = json.loads(row["Input"])["detail"]["module"].get("id", "?")
    if outcome == "PENDING":
        return ModuleRow(module, "not tried", "")
    if row["Status"] == "ABORTED":
        return ModuleRow(module, "stopped", "the run ended while it was being started")
    about = f"{row['Error']}: {_sentence(row['Cause'])} {known_advice(row['Error'])}"
    return ModuleRow(module, "failed", about.strip())


def _sentence(cause: str) -> str:
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause


def _read(laptop: Laptop, key: str) -> Any:
    bucket = laptop.outputs["ContentBucketName"]
    return json.loads(laptop.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def _with_lesson(module: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "file" not in module:
        return module
    others = {name: value for name, value in module.items() if name != "file"}
    return others | {"html": (folder / module["file"]).read_text("utf-8")}


def _uploaded(module: dict[str, Any], s3: Any, bucket: str) -> dict[str, Any]:
    """Replace a lesson by its place: an item of the list is as small as its execution's input."""
    if not isinstance(module.get("html"), str):
        return module
    text = module["html"].encode()
    key = f"uploads/{hashlib.sha256(text).hexdigest()}.html"
    s3.put_object(Bucket=bucket, Key=key, Body=text)
    others = {name: value for name, value in module.items() if name != "html"}
    return others | {"s3": {"bucket": bucket, "key": key}}
