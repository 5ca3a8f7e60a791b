"""A foreign web page on this machine and the addresses that it attacks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import boto3
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local.access_key import REGION
from local.running_stack import RunningStack
from local.stack import DeployedStack
from tests.fakes.loopback import Loopback

SCRIPT = Path(__file__).with_name("foreign_page.js")
TOPIC = f"arn:aws:sns:{REGION}:000000000000:stolen"
CODE = "def handler(event, context): open('/tmp/stolen', 'w')"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Target:
    """An address, with the fields and the body that would change something there."""

    url: str
    fields: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def as_argument(self) -> dict[str, Any]:
        """Return the target as the script's argument."""
        return {"url": self.url, "fields": self.fields, "body": self.body}


class _Page(BaseHTTPRequestHandler):
    """Serves the page and its script."""

    def do_GET(self) -> None:
        """Serve an empty page, so that the browser has an origin, with the attacking script."""
        script = SCRIPT.read_text()
        body = f"<!doctype html><body><script>{script}</script></body>".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Discard the message."""


@contextmanager
def foreign_page(host: str) -> Iterator[str]:
    """Serve the page under a host name and yield its address."""
    server = Loopback(None, _Page)
    server.begin()
    try:
        yield f"http://{host}:{server.server_port}/"
    finally:
        server.end()


def intruding_template() -> str:
    """Return a template that runs code whenever a topic receives a message."""
    function: dict[str, Any] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "intruder",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Code": {"ZipFile": CODE},
        },
    }
    subscription = {"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Intruder", "Arn"]}}
    topic = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"TopicName": "stolen", "Subscription": [subscription]},
    }
    return json.dumps({"Resources": {"Intruder": function, "Topic": topic}})


def targets(cloud: RunningStack, review_path: str) -> list[Target]:
    """Return addresses on all ports, in the order in which an attacker would use them."""
    stack = cloud.stack
    aws = [
        {"Action": "CreateStack", "StackName": "stolen", "TemplateBody": intruding_template()},
        {"Action": "Publish", "TopicArn": TOPIC, "Message": "run"},
        {"Action": "CreateQueue", "QueueName": "stolen"},
        {"Action": "ListQueues"},
    ]
    lesson = {"course_id": "x", "module_id": "x", "lesson": "x", "act": "start"}
    decision = {"decision": "rejected", "code": "000000"}
    chat = json.dumps({"model": "practice-quick", "messages": []})
    return [
        *(
            Target(f"{stack.endpoint_url}/?{urlencode(call)}", call, urlencode(call))
            for call in aws
        ),
        *(Target(guessed(stack, call), call, urlencode(call)) for call in aws),
        Target(f"{stack.endpoint_url}/_ministack/reset", {"init": "0"}),
        Target(f"{stack.endpoint_url}/_ministack/ses/messages"),
        Target(f"{stack.endpoint_url}/{stack.outputs['ContentBucketName']}/{quote('stolen')}"),
        Target(stack.mailbox_url),
        Target(f"{stack.mailbox_url}/1", {"delete": "1"}, "delete=1"),
        Target(stack.site_url + review_path, decision, urlencode(decision)),
        Target(f"{stack.authoring_url}/authoring", lesson, urlencode(lesson)),
        Target(f"{stack.authoring_url}/authoring/generations", lesson, urlencode(lesson)),
        Target(f"{cloud.practice.url}/models"),
        Target(f"{cloud.practice.url}/chat/completions", {chat: ""}, chat),
    ]


def guessed(stack: DeployedStack, call: dict[str, str]) -> str:
    """Return a presigned URL with the emulator's well-known key."""
    request = AWSRequest("GET", f"{stack.endpoint_url}/?{urlencode(call)}")
    SigV4QueryAuth(Credentials("test", "test"), "sqs", REGION, expires=3600).add_auth(request)
    return str(request.url)


def presigned(stack: DeployedStack, content: str) -> str:
    """Store an object and return a presigned URL for it, like an export's."""
    client_of: Any = boto3.client
    s3 = client_of(
        "s3",
        endpoint_url=stack.endpoint_url,
        region_name=REGION,
        config=Config(signature_version="s3v4"),
        **stack.access_key.credentials,
    )
    place = {"Bucket": stack.outputs["ContentBucketName"], "Key": "presigned.txt"}
    s3.put_object(**place, Body=content.encode(), ContentType="text/plain")
    url: str = s3.generate_presigned_url("get_object", place)
    return url


def snapshot(cloud: RunningStack) -> dict[str, Any]:
    """Return everything that an attack could change."""
    stack = cloud.stack
    bucket, table = stack.outputs["ContentBucketName"], stack.outputs["TableName"]
    stacks = stack.client("cloudformation").describe_stacks()["Stacks"]
    objects = stack.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    items = stack.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    functions = stack.client("lambda").get_paginator("list_functions").paginate()
    return {
        "stacks": [(found["StackName"], found["StackStatus"]) for found in stacks],
        "functions": [found["FunctionName"] for page in functions for found in page["Functions"]],
        "topics": stack.client("sns").list_topics()["Topics"],
        "queues": stack.client("sqs").list_queues()["QueueUrls"],
        "buckets": [found["Name"] for found in stack.client("s3").list_buckets()["Buckets"]],
        "objects": [(found["Key"], found["ETag"]) for found in objects],
        "items": sorted(json.dumps(item, sort_keys=True, default=str) for item in items),
        "executions": [(found["name"], found["status"]) for found in stack.executions()],
        "emails": len(stack.mails()),
        "calls": len(cloud.practice.calls),
    }
