"""Tests a whole course on the laptop cloud: each module is started exactly once."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from coursewright.domain.errors import EventInvalid
from local import course_runs
from local.course_runs import CourseFile, CourseReport
from local.running_stack import RunningStack, running_stack
from local.stack import ROOT, DeployedStack, wait_until

pytestmark = pytest.mark.enable_socket
MODULES = ("counting", "lists", "while")
SAMPLE = ROOT / "events" / "author_course" / "python_basics.json"


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud:
        yield cloud


def a_course(name: str, **changes: Any) -> CourseFile:
    """Return the sample course with another name and other changes."""
    course = course_runs.read_course(SAMPLE)
    own = course.course.model_copy(update={"id": name})
    return course.model_copy(update={"course": own, **changes})


def authored(stack: DeployedStack, course: CourseFile) -> tuple[str, CourseReport]:
    """Start a course, wait until its execution ends, and return its report."""
    execution = course_runs.start_course(stack, course)
    quiet = Console(file=io.StringIO())
    course_runs.print_progress(stack, execution, quiet)
    return execution, course_runs.read_report(stack, execution)


def statuses(report: CourseReport) -> dict[str, str]:
    return {row.module: row.status for row in report.rows}


def test_each_module_becomes_an_independent_generation(cloud: RunningStack) -> None:
    _, report = authored(cloud.stack, a_course("once"))

    assert statuses(report) == dict.fromkeys(MODULES, "started")
    runs = {cloud.stack.find_execution(row.details)["name"] for row in report.rows}
    assert len(runs) == 3
    texts = course_runs.report_table(report)
    console = Console(file=io.StringIO(), width=200)
    console.print(texts)
    assert "3 modules: 3 started" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_module_is_reviewed_like_any_other(cloud: RunningStack) -> None:
    before = len(cloud.stack.mails())

    authored(cloud.stack, a_course("mailed"))

    assert wait_until(lambda: len(cloud.stack.mails()) >= before + 3, seconds=240)


def test_a_course_started_again_starts_and_reserves_nothing_twice(
    cloud: RunningStack,
) -> None:
    authored(cloud.stack, a_course("again"))

    _, report = authored(cloud.stack, a_course("again", budget_usd=0.0))

    assert statuses(report) == dict.fromkeys(MODULES, "duplicate")


def test_modules_beyond_the_budget_are_reported_and_not_started(
    cloud: RunningStack,
) -> None:
    _, report = authored(cloud.stack, a_course("poor", budget_usd=0.0))

    assert report.status == "SUCCEEDED"
    assert report.counts == {"over_budget": 3}


def test_a_bad_module_is_tolerated_and_named(cloud: RunningStack) -> None:
    course = a_course("tolerant", tolerated_failures_percent=40.0)
    bad = [course.modules[0] | {"title": ""}, *course.modules[1:]]

    _, report = authored(cloud.stack, course.model_copy(update={"modules": bad}))

    assert statuses(report) == {"counting": "failed", "lists": "started", "while": "started"}
    (about,) = [row.details for row in report.rows if row.status == "failed"]
    assert about.startswith("EventInvalid: detail.module.title")
    assert "start the course again" in report.next_step


def test_too_many_bad_modules_stop_the_course_and_a_redrive_goes_on(cloud: RunningStack) -> None:
    stack, s3 = cloud.stack, cloud.stack.client("s3")
    bucket, key = stack.outputs["ContentBucketName"], "uploads/late.html"
    course = a_course("late", concurrency=1)
    missing = {"id": "late", "title": "Late", "s3": {"bucket": bucket, "key": key}}
    late = course.model_copy(update={"modules": [missing, *course.modules]})

    execution, report = authored(stack, late)
    s3.put_object(Bucket=bucket, Key=key, Body=b"<h1>Late</h1><p>It has come.</p>")
    found = stack.find_execution(report.execution)
    stack.client("stepfunctions").redrive_execution(executionArn=found["executionArn"])
    after = course_runs.follow_course(stack, execution, Console(file=io.StringIO()))

    assert (report.status, report.counts) == ("FAILED", {"failed": 1, "not started": 3})
    assert "ExceedToleratedFailureThreshold" in report.error
    assert f"python -m local redrive {report.execution}" in report.next_step
    assert (after.counts, after.next_step) == ({"started": 4}, "")


def test_a_course_without_limits_uses_the_deployments(cloud: RunningStack) -> None:
    bounds = {"budget_usd": None, "concurrency": None, "tolerated_failures_percent": None}

    execution, report = authored(cloud.stack, a_course("usual", **bounds))

    engine = cloud.stack.client("stepfunctions")
    (run,) = engine.list_map_runs(executionArn=execution)["mapRuns"]
    found = engine.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (found["maxConcurrency"], found["toleratedFailurePercentage"]) == (5, 10)
    assert report.counts == {"started": 3}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"modules": []}, "course.json.modules"),
        ({"course": {"id": "x", "title": "X", "kind": "haskell"}}, "course.json.course.kind"),
        ({"budget_usd": -1}, "course.json.budget_usd"),
        ({"concurrency": 0}, "course.json.concurrency"),
        ({"modulse": []}, "course.json.modulse"),
        ({"modules": [{"id": "a", "title": "A", "file": "none.html"}]}, "course.json"),
    ],
)
def test_a_bad_file_is_refused_before_anything_is_started(
    change: dict[str, Any], field: str, tmp_path: Path
) -> None:
    file = tmp_path / "course.json"
    file.write_text(json.dumps(json.loads(SAMPLE.read_text("utf-8")) | change), "utf-8")

    with pytest.raises(EventInvalid) as caught:
        course_runs.read_course(file)

    assert caught.value.field == field


def test_a_module_may_name_the_file_of_its_lesson(tmp_path: Path) -> None:
    (tmp_path / "loops.html").write_text("<p>Loops</p>", "utf-8")
    module = {"id": "loops", "title": "Loops", "file": "loops.html"}
    file = tmp_path / "course.json"
    file.write_text(
        json.dumps(json.loads(SAMPLE.read_text("utf-8")) | {"modules": [module]}), "utf-8"
    )

    course = course_runs.read_course(file)

    assert course.modules == [{"id": "loops", "title": "Loops", "html": "<p>Loops</p>"}]
