"""A Distributed Map reads items from S3, runs an execution for each, and reports to S3."""

import json
import uuid
from typing import Any

import pytest

from local.emulator_host import Cloud
from tests.unit.local.machines import Machines, eventually, machine, passes

pytestmark = pytest.mark.enable_socket


class Course:
    """A Distributed Map over a list in S3."""

    def __init__(self, cloud: Cloud, machines: Machines, bucket: str) -> None:
        self.s3, self.engine = cloud.client("s3"), cloud.client("stepfunctions")
        self.machines, self.bucket, self.key = machines, bucket, f"{uuid.uuid4()}.json"
        self.numbers: list[int] = []

    def put(self, items: Any) -> None:
        """Store a list in the bucket."""
        self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=json.dumps(items))

    def start(self, **fields: Any) -> str:
        """Start a state machine with one Distributed Map that doubles numbers."""
        inner = machine(Work=self.machines.task())
        state = {
            "Type": "Map",
            "Label": "Each",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Arguments": {"Bucket": self.bucket, "Key": "{% $states.input.key %}"},
            },
            "ItemSelector": {"number": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": inner | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}},
            "MaxConcurrency": "{% $states.input.at_once %}",
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Arguments": {"Bucket": self.bucket, "Prefix": "reports"},
            },
            "End": True,
            **fields,
        }
        given = {name: value for name, value in state.items() if value is not None}
        return self.machines.start(machine(All=given), {"key": self.key, "at_once": 2})

    def run(self, **fields: Any) -> dict[str, Any]:
        """Run the Distributed Map to completion."""
        return self.machines.ended(self.start(**fields))

    def map_run(self, execution: str) -> dict[str, Any]:
        """Describe an execution's only Map Run."""
        (run,) = self.engine.list_map_runs(executionArn=execution)["mapRuns"]
        found: dict[str, Any] = self.engine.describe_map_run(mapRunArn=run["mapRunArn"])
        return found

    def report(self, execution: str) -> dict[str, list[dict[str, Any]]]:
        """Read the ResultWriter's files by outcome."""
        name = self.map_run(execution)["mapRunArn"].rpartition(":")[2]
        manifest = self._read(f"reports/{name}/manifest.json")
        assert manifest["DestinationBucket"] == self.bucket
        files = manifest["ResultFiles"].items()
        return {
            kind: [row for file in found for row in self._read(file["Key"])]
            for kind, found in files
        }

    def outage(self, *numbers: int) -> None:
        """Make the function fail for some numbers."""
        for number in numbers:
            self.s3.put_object(Bucket=self.bucket, Key=f"outage/{number}", Body=b"")
            self.numbers.append(number)

    def end_outage(self) -> None:
        """End the outage."""
        for number in self.numbers:
            self.s3.delete_object(Bucket=self.bucket, Key=f"outage/{number}")

    def _read(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())


@pytest.fixture
def course(cloud: Cloud, machines: Machines, bucket: str) -> Course:
    return Course(cloud, machines, bucket)


def test_each_item_has_an_execution_and_a_report_row(course: Course) -> None:
    course.put([3, 5, 7])

    end = course.run()

    report = course.report(end["executionArn"])
    assert [json.loads(row["Output"]) for row in report["SUCCEEDED"]] == [6, 10, 14]
    assert [json.loads(row["Input"]) for row in report["SUCCEEDED"]] == [
        {"number": 3},
        {"number": 5},
        {"number": 7},
    ]
    assert report["FAILED"] == report["PENDING"] == []
    output = json.loads(end["output"])
    assert output["ResultWriterDetails"]["Key"].endswith("/manifest.json")
    assert output["MapRunArn"] == course.map_run(end["executionArn"])["mapRunArn"]


def test_child_executions_are_listed_by_map_run_only(course: Course) -> None:
    course.put([1, 2])

    end = course.run()

    run = course.map_run(end["executionArn"])
    children = course.engine.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    beside = course.engine.list_executions(stateMachineArn=end["stateMachineArn"])["executions"]
    assert {item["status"] for item in children} == {"SUCCEEDED"}
    assert [item["executionArn"] for item in beside] == [end["executionArn"]]
    assert (run["status"], run["itemCounts"]["succeeded"], run["maxConcurrency"]) == (
        "SUCCEEDED",
        2,
        2,
    )


def test_an_empty_list_succeeds(course: Course) -> None:
    course.put([])

    end = course.run()

    assert end["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailurePercentage": 25}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": "{% 24 %}"}, "FAILED"),
    ],
)
def test_failures_are_tolerated_up_to_a_limit(
    course: Course, tolerated: dict[str, Any], status: str
) -> None:
    course.put([101, 102, 103, 104])
    course.outage(104)

    end = course.run(**tolerated)
    course.end_outage()

    assert end["status"] == status
    if status == "FAILED":
        assert end["error"] == "States.ExceedToleratedFailureThreshold"
    rows = course.report(end["executionArn"])["FAILED"]
    assert [row["Error"] for row in rows if row["Status"] == "FAILED"] == ["ModelUnavailable"]
    # Items running when the tolerance is exceeded are aborted; otherwise none are.
    aborted = {row["Status"] for row in rows} - {"FAILED"}
    assert aborted <= ({"ABORTED"} if status == "FAILED" else set())


def test_running_items_are_aborted_after_too_many_failures(course: Course) -> None:
    course.put([151, 152])
    course.outage(152)
    slow = "{% $states.context.Map.Item.Value = 151 ? 5 : 0 %}"

    end = course.run(
        ItemSelector={"number": "{% $states.context.Map.Item.Value %}", "seconds": slow}
    )
    course.end_outage()

    rows = course.report(end["executionArn"])["FAILED"]
    assert [row["Status"] for row in rows] == ["ABORTED", "FAILED"]


def test_no_more_items_start_after_too_many_failures(course: Course) -> None:
    course.put([201, *range(202, 240)])
    course.outage(201, 202, 203)

    end = course.run(MaxConcurrency=1)
    course.end_outage()

    report = course.report(end["executionArn"])
    assert (len(report["FAILED"]), len(report["PENDING"])) == (1, 38)


def test_a_redrive_skips_successful_items(course: Course) -> None:
    course.put([301, 302, 303])
    course.outage(303)
    end = course.run(MaxConcurrency=1)
    course.end_outage()

    course.engine.redrive_execution(executionArn=end["executionArn"])
    again = course.machines.ended(end["executionArn"])

    report = course.report(end["executionArn"])
    assert (end["status"], again["status"]) == ("FAILED", "SUCCEEDED")
    assert [row["RedriveCount"] for row in report["SUCCEEDED"]] == [0, 0, 1]
    assert course.map_run(end["executionArn"])["redriveCount"] == 1
    calls = course.s3.list_objects_v2(Bucket=course.bucket, Prefix="calls/301/")
    assert calls["KeyCount"] == 1


def test_stopping_the_execution_stops_its_children(course: Course) -> None:
    course.put([1] * 20)
    arn = course.start(ItemSelector={"number": 1, "seconds": 1})
    run = eventually(lambda: course.engine.list_map_runs(executionArn=arn)["mapRuns"])[0]
    eventually(lambda: course.engine.list_executions(mapRunArn=run["mapRunArn"])["executions"])

    course.engine.stop_execution(executionArn=arn)

    def states() -> set[str] | None:
        found = course.engine.list_executions(mapRunArn=run["mapRunArn"])["executions"]
        kinds = {item["status"] for item in found}
        return None if "RUNNING" in kinds else kinds

    assert "ABORTED" in eventually(states)


@pytest.mark.parametrize(
    ("items", "error"),
    [({"not": "a list"}, "States.ItemReaderFailed"), (None, "States.ItemReaderFailed")],
)
def test_an_unreadable_list_fails_the_execution(course: Course, items: Any, error: str) -> None:
    if items is not None:
        course.put(items)

    end = course.run()

    assert (end["status"], end["error"]) == ("FAILED", error)


def test_a_missing_bucket_of_the_writer_fails_the_execution(course: Course) -> None:
    course.put([1])
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "nowhere"}}

    end = course.run(
        ResultWriter=writer,
        ItemProcessor={**machine(Any=passes(1)), "ProcessorConfig": {"Mode": "DISTRIBUTED"}},
    )

    assert end["error"] == "States.ResultWriterFailed"
