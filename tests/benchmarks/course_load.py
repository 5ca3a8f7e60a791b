"""Runs one course on a new laptop cloud: `python -m tests.benchmarks.course_load KIND NUMBER`.

Prints one line of JSON. Each size runs in a new process, so that each starts with the same memory.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import local  # noqa: F401 – puts the package on the path
import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from coursewright.adapters.reviews import OPEN
from local import course_runs
from local.course_runs import CourseFile
from local.running_stack import RunningStack, running_stack
from tests.benchmarks.processes import computing_by_depth, family, pss_kb

SAMPLE = Path(__file__).parents[2] / "events" / "author_course" / "python_basics.json"
MAX_SECONDS = 1_500.0
POLL_SECONDS = 0.4  # each poll costs the cloud about 40 ms
AT_ONCE = 5  # as deployed: more starts than processors would only compete with each other
INSTANT = {
    "QueryLanguage": "JSONata",
    "StartAt": "Done",
    "States": {"Done": {"Type": "Succeed"}},
}
RICH = {"MonthlyBudgetUsd": "1000000", "GenerationBudgetUsd": "1000000"}


class Memory:
    """The peak proportional set size of this process tree."""

    def __init__(self) -> None:
        self.highest = 0.0

    def now(self) -> float:
        """Return the current size in MB, counting shared pages once."""
        found = sum(pss_kb(pid) for pid in family(os.getpid())) / 1024
        self.highest = max(self.highest, found)
        return found

    @contextmanager
    def watched(self, pause: float = 1.0) -> Iterator[None]:
        """Sample the memory size while the block runs."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(pause):
                self.now()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def main(kind: str, number: int) -> dict[str, Any]:
    """Start a course of this many modules; wait for its execution or for its open reviews."""
    with running_stack(latency_factor=0, parameters=RICH) as cloud:
        if kind == "start":
            cloud.stack.client("stepfunctions").update_state_machine(
                stateMachineArn=cloud.stack.outputs["StateMachineArn"],
                definition=json.dumps(INSTANT),
            )
        _author(cloud, "warm-up", 1, kind)
        memory = Memory()
        before, began, worked = memory.now(), time.monotonic(), computing_by_depth()
        with memory.watched():
            started, reviewed = _author(cloud, "load", number, kind)
        computed = {name: now - worked[name] for name, now in computing_by_depth().items()}
        return {
            "kind": kind,
            "number": number,
            "started_seconds": started - began,
            "reviewed_seconds": reviewed - began,
            "computing_seconds": sum(computed.values()),
            **computed,
            "mb_before": before,
            "mb_highest": memory.highest,
            "load": os.getloadavg()[0],
        }


def _author(cloud: RunningStack, name: str, number: int, kind: str) -> tuple[float, float]:
    execution = course_runs.start_course(cloud.stack, _course(name, number))
    while course_runs.read_progress(cloud.stack, execution) is not None:
        time.sleep(POLL_SECONDS)
    started = time.monotonic()
    report = course_runs.read_report(cloud.stack, execution)
    if report.counts != {"started": number}:
        about = [row.details for row in report.rows if row.status == "failed"][:1]
        raise SystemExit(f"the course ended as {report.status} {report.counts} {about}")
    if kind == "review":
        _wait_for_mails(cloud, name, number)
    return started, time.monotonic()


def _wait_for_mails(cloud: RunningStack, name: str, number: int) -> None:
    """Wait for one email per module, which is the last step before the reviewer."""
    wanted = Counter({f"{name} {at}": 1 for at in range(number)})
    end = time.monotonic() + MAX_SECONDS
    while (found := _mailed(cloud, name) if _open_reviews(cloud) >= number else None) != wanted:
        failed = _failed(cloud)
        if failed or time.monotonic() > end or (found and found - wanted):
            why = [_why(cloud, event) for event in failed[:1]]
            many = (found or Counter()).total()
            raise SystemExit(f"{many} of {number} emails, {len(failed)} executions failed {why}")
        time.sleep(POLL_SECONDS)


def _mailed(cloud: RunningStack, name: str) -> Counter[str]:
    subjects = (mail.subject for mail in cloud.stack.mails())
    titles = (subject.removeprefix("Review: ").partition(" (")[0] for subject in subjects)
    return Counter(title for title in titles if title.startswith(f"{name} "))


def _open_reviews(cloud: RunningStack) -> int:
    """Count open reviews without reading emails, which take megabytes for a whole course."""
    found = cloud.stack.client("dynamodb").query(
        TableName=cloud.stack.outputs["TableName"],
        IndexName="GSI1",
        KeyConditionExpression="GSI1PK = :open",
        ExpressionAttributeValues={":open": {"S": OPEN}},
        Select="COUNT",
    )
    return int(found["Count"])


def _failed(cloud: RunningStack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.stack.client("stepfunctions").list_executions(
        stateMachineArn=cloud.stack.outputs["StateMachineArn"], statusFilter="FAILED"
    )["executions"]
    return found


def _why(cloud: RunningStack, execution: dict[str, Any]) -> str:
    engine = cloud.stack.client("stepfunctions")
    arn = execution["executionArn"]
    events = engine.get_execution_history(executionArn=arn, reverseOrder=True)["events"]
    failed = [event for event in events if event["type"] in ("TaskFailed", "TaskTimedOut")]
    described = engine.describe_execution(executionArn=arn)
    return f"{described.get('error')}: {described.get('cause')} after {failed[:3]}"


def _course(name: str, number: int) -> CourseFile:
    course = course_runs.read_course(SAMPLE)
    first = course.modules[0]
    modules = [
        first
        | {"id": f"m{at}", "title": f"{name} {at}", "html": f"{first['html']}<p>Part {at}</p>"}
        for at in range(number)
    ]
    own = course.course.model_copy(update={"id": name})
    bounds = {"budget_usd": 1_000_000.0, "concurrency": AT_ONCE}
    return course.model_copy(update={"course": own, "modules": modules, **bounds})


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))  # noqa: T201
