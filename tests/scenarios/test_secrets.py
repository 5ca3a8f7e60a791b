"""None of the canary values in a whole execution leaks."""

import io
import json
import logging
from collections.abc import Iterator

import boto3
import pytest

from coursewright.observability import logger
from tests import aws
from tests.fakes.provider import ScriptedProvider, failure
from tests.scenarios.actions import QUICK, approve_all, disable, register, registry_entry
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

MODEL_KEY = "sk-canary-model-key-0123456789"
LINK_KEY = "canary-link-key-0123456789"
LESSON = "canary lesson words nobody else would write"


@pytest.fixture
def canaries(workflow: Workflow) -> Workflow:
    secrets = boto3.client("secretsmanager")
    keys = json.dumps({"CANARY_KEY": {"value": MODEL_KEY, "hosts": ["127.0.0.1"]}})
    secrets.put_secret_value(SecretId="model-keys", SecretString=keys)
    secrets.put_secret_value(
        SecretId="link-keys", SecretString=json.dumps({"old": [], "newest": LINK_KEY})
    )
    from coursewright import wiring as wired

    for cached in (wired.secrets, wired.link_keys, wired.model_keys, wired.links):
        cached.cache_clear()
    return workflow


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return the functions' log output, formatted as on AWS."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(logger.registered_formatter)
    underneath = logging.getLogger("coursewright")
    underneath.addHandler(handler)
    yield output
    underneath.removeHandler(handler)


def test_canaries_are_not_disclosed(
    canaries: Workflow, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    workflow = canaries
    event = workflow.event(models=[QUICK, "openai:failing"])
    event["detail"]["module"]["html"] += f"<p>{LESSON}</p>"
    with ScriptedProvider([failure(401, message=f"wrong key {MODEL_KEY}")]) as provider:
        entry = registry_entry("openai:failing", provider.url)
        register(entry.replace('key = ""', 'key = "CANARY_KEY"'))
        workflow.publish(event)
        failed = workflow.wait()
        sent_key = provider.requests[0].headers["authorization"]
    disable("openai:failing")
    workflow.redrive()
    reviewer = approve_all(workflow)
    page = reviewer.send("GET", reviewer.open_link()).body
    workflow.output()

    token = task_token()
    link = reviewer.link.rsplit("/", 1)[1]
    logged = log.getvalue() + "".join(capfd.readouterr())
    states = json.dumps(workflow.history(), default=str)
    inputs = json.dumps([payload for _, payload in moto_engine.invocations[-60:]], default=str)
    prompt = stored_prompt()

    assert sent_key == f"Bearer {MODEL_KEY}"
    assert "step_done" in log.getvalue()
    assert '"generation"' in log.getvalue()
    assert "Coursewright" in logged
    output = {
        "logs": (logged, [MODEL_KEY, LINK_KEY, LESSON, link, token, prompt, reviewer.code]),
        "failure": (str(failed.get("cause")), [MODEL_KEY, LINK_KEY, LESSON, prompt]),
        "page": (page, [MODEL_KEY, LINK_KEY, link, token, prompt]),
        "mail": (reviewer.mail_text, [MODEL_KEY, LINK_KEY, LESSON, token, prompt]),
        "states": (states, [MODEL_KEY, LINK_KEY, LESSON, link, prompt]),
        "web": (inputs, [MODEL_KEY, LINK_KEY, prompt]),
    }
    found = [
        f"{canary[:24]!r} in {place}"
        for place, (text, canaries_of) in output.items()
        for canary in canaries_of
        if canary in text
    ]
    assert found == []


def task_token() -> str:
    items = boto3.client("dynamodb").scan(TableName=aws.TABLE)["Items"]
    return next(item["task_token"]["S"] for item in items if item["PK"]["S"].startswith("TOKEN#"))


def stored_prompt() -> str:
    """Return a line that occurs only in the prompts."""
    s3 = boto3.client("s3")
    keys = s3.list_objects_v2(Bucket=aws.BUCKET, Prefix="prompts/")["Contents"]
    texts = [
        s3.get_object(Bucket=aws.BUCKET, Key=key["Key"])["Body"].read().decode() for key in keys
    ]
    assert any(LESSON in text for text in texts)
    role = next(text for text in texts if "experienced teacher" in text)
    return next(line for line in role.splitlines() if "experienced teacher" in line)
