"""Tests the full demo and denied access with every function under its own role."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ministack.core import lambda_runtime
from rich.console import Console

from local import demo
from local.console import DemoConsole
from local.emulator.role_policies import enforced
from local.running_stack import RunningStack, running_stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud, enforced():
        yield cloud


def small(name: str, **brief: Any) -> dict[str, Any]:
    event = demo.sample_event(name)
    event["detail"]["brief"] |= {"tasks_count": 2, "models": ["openai:practice-sloppy"]} | brief
    return event


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lesson", ["python_loops.json", "sql_joins.json"])
def test_a_lesson_is_published_under_the_deployed_roles(cloud: RunningStack, lesson: str) -> None:
    output = io.StringIO()

    demo.run_lesson(
        DemoConsole(Console(file=output, width=120)), cloud, small(lesson), reject=False
    )

    assert "received Assignments Published" in output.getvalue()


def as_function(cloud: RunningStack, name: str) -> Any:
    """Return a DynamoDB client that uses a function's credentials."""
    client = cloud.stack.client("lambda")
    config = client.get_function_configuration(FunctionName=cloud.deployment.physical_id(name))
    session = lambda_runtime.execution_credentials(config)
    client_of: Any = boto3.client
    return client_of(
        "dynamodb",
        endpoint_url=cloud.stack.endpoint_url,
        region_name="eu-west-1",
        **{name.lower(): value for name, value in session.items()},
    )


def put(table: str, key: str) -> dict[str, Any]:
    return {"TableName": table, "Item": {"PK": {"S": key}, "SK": {"S": "TEST"}}}


@pytest.mark.parametrize(
    "key", ["REVIEW#1#1", "GENERATION#1", "AGENT#solution#1", "AGENT#testsX#1", "AUDIT#1"]
)
def test_scenario_19_an_agent_that_writes_elsewhere_is_denied(
    cloud: RunningStack, key: str
) -> None:
    client, table = as_function(cloud, "WriteTestsFunction"), cloud.stack.outputs["TableName"]
    own = put(table, "AGENT#tests#1")

    client.put_item(**own)
    denied: tuple[Callable[[], Any], ...] = (
        lambda: client.put_item(**put(table, key)),
        lambda: client.transact_write_items(TransactItems=[{"Put": own}, {"Put": put(table, key)}]),
        lambda: client.scan(TableName=table),
        lambda: client.delete_item(TableName=table, Key=own["Item"]),
    )

    for deed in denied:
        with pytest.raises(ClientError, match="AccessDenied"):
            deed()
