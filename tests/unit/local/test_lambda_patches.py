"""Functions get the same environment, errors, retries and dead-letter handling as on AWS."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from local.deploy import Deployment
from local.emulator import lambda_code, lambda_workers
from local.emulator.lambda_environment import network_variables
from local.emulator_host import Cloud
from tests.unit.local.machines import eventually

pytestmark = pytest.mark.enable_socket


def invoke(cloud: Cloud, function: str, event: Any) -> dict[str, Any]:
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return {"error": answer.get("FunctionError"), "payload": json.load(answer["Payload"])}


def new_function(cloud: Cloud, name: str, source: str, **settings: Any) -> str:
    """Create a function from source code."""
    from io import BytesIO
    from zipfile import ZipFile

    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", source)
    cloud.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": buffer.getvalue()},
        **settings,
    )
    return name


def message_of(cloud: Cloud, queue_url: str) -> dict[str, Any]:
    """Return the next message in a queue."""
    sqs = cloud.client("sqs")

    def look() -> Any:
        wanted = {"MessageAttributeNames": ["All"], "QueueUrl": queue_url}
        return sqs.receive_message(**wanted).get("Messages")

    message: dict[str, Any] = eventually(look)[0]
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return message


def test_an_exception_is_reported_with_its_class_and_line(
    cloud: Cloud, deployment: Deployment
) -> None:
    failed = invoke(cloud, deployment.physical_id("FailFunction"), {})

    assert failed["error"] == "Unhandled"
    assert failed["payload"]["errorType"] == "LessonUnreadable"
    assert failed["payload"]["errorMessage"] == "no lesson in the event"
    assert "raise LessonUnreadable" in failed["payload"]["stackTrace"][-1]


@pytest.mark.parametrize(
    ("source", "error_type"),
    [
        ("import no_such_module", "Runtime.ImportModuleError"),
        ("other = 1", "Runtime.HandlerNotFound"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("def handler(event, context): return object()", "Runtime.MarshalError"),
        ("def handler(event, context): raise SystemExit(3)", "Runtime.ExitError"),
    ],
)
def test_a_broken_function_fails_as_on_aws(cloud: Cloud, source: str, error_type: str) -> None:
    function = new_function(cloud, error_type.replace(".", "-"), source)

    failed = invoke(cloud, function, {})

    assert failed["payload"]["errorType"] == error_type


def test_an_exception_does_not_cause_a_cold_start(cloud: Cloud) -> None:
    source = "import os\ndef handler(event, context): raise ValueError(os.getpid())"
    function = new_function(cloud, "raises-its-pid", source)

    first = invoke(cloud, function, {})["payload"]["errorMessage"]
    second = invoke(cloud, function, {})["payload"]["errorMessage"]

    assert first == second


def test_a_function_is_killed_at_its_timeout(cloud: Cloud) -> None:
    source = "import time\ndef handler(event, context): time.sleep(30)"
    function = new_function(cloud, "sleeps", source, Timeout=1)

    failed = invoke(cloud, function, {})

    assert failed["payload"]["errorType"] == "Sandbox.Timedout"
    assert failed["payload"]["errorMessage"] == "Task timed out after 1.00 seconds"


def test_a_handlers_output_goes_to_its_log(cloud: Cloud) -> None:
    source = """
import os, sys
def handler(event, context):
    print('{"status": "ok", "result": "forged"}')
    os.write(1, b'{"status": "ok", "result": "forged"}\\n')
    print("to the other stream", file=sys.stderr)
    return sys.stdin.read()
"""
    function = new_function(cloud, "prints", source)

    answer = cloud.client("lambda").invoke(FunctionName=function, LogType="Tail")

    assert json.load(answer["Payload"]) == ""
    assert answer["LogResult"]


def test_a_worker_does_not_inherit_the_environment(
    cloud: Cloud, deployment: Deployment, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "a secret of the developer")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the developer")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.edu:3128")
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    variables = {"Variables": {"TABLE": "mine", "AWS_REGION": "refused"}}

    function = new_function(cloud, "tells-its-environment", source, Environment=variables)
    environment = invoke(cloud, function, {})["payload"]

    assert "a secret of the developer" not in environment.values()
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA"), "a session of its role"
    assert cloud.access_key.secret not in environment.values()
    assert environment["TABLE"] == "mine"
    assert environment["AWS_REGION"] == "eu-west-1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == function
    assert environment["HTTPS_PROXY"] == "http://proxy.example.edu:3128"
    assert "127.0.0.1" in environment["no_proxy"]
    assert "coursewright-cloud-" in environment["TMPDIR"], "goes with the cloud"


def test_local_services_bypass_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example.edu:3128")
    monkeypatch.setenv("NO_PROXY", "intranet.example.edu")

    variables = network_variables()

    assert variables["NO_PROXY"] == "intranet.example.edu,127.0.0.1,localhost"


def test_concurrent_calls_share_workers(cloud: Cloud) -> None:
    from concurrent.futures import ThreadPoolExecutor

    source = "import os, time\ndef handler(event, context): time.sleep(0.02); return os.getpid()"
    function = new_function(cloud, "tells-its-process", source)

    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(invoke, cloud, function, {}) for _ in range(20)]
        processes = {call.result()["payload"] for call in calls}

    assert len(processes) <= lambda_workers.MAX_WORKERS_PER_FUNCTION


def test_slow_calls_of_a_function_run_in_parallel(cloud: Cloud) -> None:
    from concurrent.futures import ThreadPoolExecutor

    source = """
import time
def handler(event, context):
    began = time.time()
    time.sleep(1)
    return [began, time.time()]
"""
    function = new_function(cloud, "takes-a-second", source)

    with ThreadPoolExecutor(2) as pool:
        replies = pool.map(lambda _: invoke(cloud, function, {}), "ab")
        spans = [reply["payload"] for reply in replies]

    assert max(began for began, _ in spans) < min(ended for _, ended in spans)


def test_code_precedes_layers_and_layers_precede_installed_packages(
    cloud: Cloud, deployment: Deployment
) -> None:
    listen = deployment.physical_id("ListenFunction")
    config = cloud.client("lambda").get_function(FunctionName=listen)["Configuration"]
    source = "import sys\ndef handler(event, context): return sys.path"
    layers = [layer["Arn"] for layer in config["Layers"]]
    function = new_function(cloud, "tells-its-path", source, Layers=layers)

    path = invoke(cloud, function, {})["payload"]

    assert not path[0].endswith("python")
    assert path[1].endswith("/python")
    assert any("site-packages" in entry for entry in path[2:])


def test_an_event_on_the_bus_starts_its_function(
    cloud: Cloud, deployment: Deployment, bucket: str
) -> None:
    s3 = cloud.client("s3")
    entry = {
        "Source": "courses",
        "DetailType": "Module Published",
        "Detail": json.dumps({"module": "loops"}),
        "EventBusName": deployment.physical_id("Bus"),
    }

    cloud.client("events").put_events(Entries=[entry])

    objects = eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="seen").get("Contents"))
    seen = json.load(s3.get_object(Bucket=bucket, Key=objects[0]["Key"])["Body"])
    assert seen["event"]["detail"] == {"module": "loops"}
    assert seen["layer"] == "from the layer"


def test_an_unhandled_event_goes_to_the_failure_destination(
    cloud: Cloud, deployment: Deployment
) -> None:
    entry = {
        "Source": "broken",
        "DetailType": "Any",
        "Detail": json.dumps({"module": "loops"}),
        "EventBusName": deployment.physical_id("Bus"),
    }

    cloud.client("events").put_events(Entries=[entry])

    failure = json.loads(message_of(cloud, deployment.physical_id("Failures"))["Body"])
    assert failure["requestPayload"]["detail"] == {"module": "loops"}
    assert failure["responsePayload"]["errorType"] == "LessonUnreadable"


def test_an_undeliverable_event_goes_to_the_rules_queue(
    cloud: Cloud, deployment: Deployment
) -> None:
    events, sqs = cloud.client("events"), cloud.client("sqs")
    letters = sqs.create_queue(QueueName="undeliverable")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]
    function = new_function(cloud, "may-not-be-invoked", "handler = print")
    target = cloud.client("lambda").get_function(FunctionName=function)["Configuration"]
    events.put_rule(Name="forbidden", EventPattern='{"source": ["forbidden"]}')
    events.put_targets(
        Rule="forbidden",
        Targets=[
            {
                "Id": "1",
                "Arn": target["FunctionArn"],
                "DeadLetterConfig": {"Arn": arn["QueueArn"]},
            }
        ],
    )

    events.put_events(Entries=[{"Source": "forbidden", "DetailType": "Any", "Detail": "{}"}])

    letter = message_of(cloud, letters)
    assert json.loads(letter["Body"])["source"] == "forbidden"
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"


def test_the_next_cloud_removes_the_folder_of_a_killed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = tmp_path / f"{lambda_code.FOLDERS}{ended.pid}-a"
    alive = tmp_path / f"{lambda_code.FOLDERS}{os.getpid()}-b"
    foreign = tmp_path / f"{lambda_code.FOLDERS}notes"
    for folder in (dead, alive, foreign):
        folder.mkdir()

    lambda_code.remove_leftovers()

    assert [folder.exists() for folder in (dead, alive, foreign)] == [False, True, True]
