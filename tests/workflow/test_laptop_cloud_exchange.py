"""Tests exporting assignments from the deployed application and importing them as drafts."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from coursewright.domain.export import Format
from local import demo, import_export
from local.console import DemoConsole
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud:
        console = DemoConsole(Console(file=io.StringIO()))
        for name in demo.LESSONS:
            event = demo.sample_event(name)
            event["detail"]["brief"] |= {"tasks_count": 2, "models": ["openai:practice-quick"]}
            demo.run_lesson(console, cloud, event, reject=False)
        yield cloud


def modules(cloud: RunningStack) -> list[str]:
    events = [demo.sample_event(name)["detail"] for name in demo.LESSONS]
    return [f"{event['course']['id']}/{event['module']['id']}" for event in events]


def invoke(cloud: RunningStack, payload: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    client = cloud.stack.client("lambda")
    names = [function["FunctionName"] for function in client.list_functions()["Functions"]]
    name = next(function for function in names if "ExportAssignments" in function)
    answer = client.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    return result, "FunctionError" in answer


def test_approved_assignments_are_found_by_module_generation_and_id(cloud: RunningStack) -> None:
    of_modules = import_export.find_approved(cloud.stack, modules(cloud))
    of_generations = import_export.find_approved(
        cloud.stack, sorted({event.generation for event in of_modules})
    )
    by_id = import_export.find_approved(cloud.stack, [event.assignment for event in of_modules])

    assert len(of_modules) == 4
    assert by_id == of_modules
    assert sorted(event.assignment for event in of_generations) == sorted(
        event.assignment for event in of_modules
    )


@pytest.mark.parametrize("form", Format)
def test_every_format_is_exported_completely(
    cloud: RunningStack, form: Format, tmp_path: Path
) -> None:
    names = modules(cloud)[:1] if form is Format.NBGRADER else modules(cloud)
    found = import_export.find_approved(cloud.stack, names)

    units = import_export.write_export(found, form, tmp_path)

    assert all((tmp_path / unit).exists() for unit in units)
    assert "ada@example.edu" not in "".join(
        path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()
    )


def test_the_function_stores_the_file(cloud: RunningStack) -> None:
    result, has_failed = invoke(cloud, {"names": modules(cloud), "format": "jsonl"})

    assert not has_failed
    assert (result["assignments"], result["file"]) == (4, "assignments.jsonl")
    s3, bucket = cloud.stack.client("s3"), cloud.stack.outputs["ContentBucketName"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="exports/")["Contents"]
    (key,) = [item["Key"] for item in listed if item["Key"].endswith("assignments.jsonl")]
    assert len(s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()) == 4


def test_the_function_records_what_it_cannot_export(cloud: RunningStack) -> None:
    result, has_failed = invoke(cloud, {"names": ["unknown"], "format": "moodle"})

    assert not has_failed
    assert [problem["code"] for problem in result["problems"]] == ["unknown_name"]


def test_an_import_is_verified_and_reviewed_and_published_here(
    cloud: RunningStack, tmp_path: Path
) -> None:
    stack = cloud.stack
    found = import_export.find_approved(stack, modules(cloud))
    import_export.write_export(found, Format.JSONL, tmp_path)
    assignments = import_export.read_import(tmp_path / "assignments.jsonl")
    calls, mails = len(cloud.practice.calls), len(stack.mails())

    summary = import_export.import_assignments(stack, assignments)

    assert summary.startswith("4 assignments imported; after verification, 2 reviews will open")
    assert wait_until(lambda: len(stack.mails()) == mails + 2, seconds=60)
    assert len(cloud.practice.calls) == calls


def test_an_imported_assignment_can_be_approved(cloud: RunningStack, tmp_path: Path) -> None:
    stack = cloud.stack
    found = import_export.find_approved(stack, modules(cloud)[:1])
    bucket = stack.outputs["ContentBucketName"]
    ((event, content),) = import_export.import_events(found[:1], bucket)
    key = event["detail"]["module"]["s3"]["key"]
    stack.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    console = DemoConsole(Console(file=io.StringIO()))

    demo.run_lesson(console, cloud, event, reject=False)

    again = import_export.find_approved(stack, modules(cloud)[:1])
    (imported,) = (failure for failure in again if failure.model == "imported:file")
    assert (imported.name, imported.tests) == (found[0].name, found[0].tests)
    assert imported.assignment != found[0].assignment
