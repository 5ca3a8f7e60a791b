"""What browsers send for a foreign page has no effect on any port of the laptop cloud.

tests/browser/test_foreign_pages.py repeats the attacks in Chromium.
"""

import http.client
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from local.emulator_host import Cloud
from local.practice import PracticeServer

pytestmark = pytest.mark.enable_socket

Record = Callable[[str, object], None]

TOPIC = "arn:aws:sns:eu-west-1:000000000000:stolen"
TEMPLATE = """{"Resources": {
  "Intruder": {"Type": "AWS::Lambda::Function", "Properties": {
    "FunctionName": "intruder", "Runtime": "python3.13", "Handler": "index.handler",
    "Role": "arn:aws:iam::000000000000:role/any", "Code": {"ZipFile": "handler = print"}}},
  "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "stolen", "Subscription": [
    {"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Intruder", "Arn"]}}]}}}}"""
ATTACK = [
    {"Action": "CreateStack", "StackName": "stolen", "TemplateBody": TEMPLATE},
    {"Action": "Publish", "TopicArn": TOPIC, "Message": "run"},
]
SUBMITTED = {"content-type": "application/x-www-form-urlencoded"}
UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}
WITH_ORIGIN = {"font", "no-cors post", "preflight", "event source", "websocket", "form"}
BROWSER_REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "image": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}),
    "script": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}),
    "style": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "style"}),
    "font": ("GET", {"sec-fetch-mode": "cors", "sec-fetch-dest": "font"}),
    "frame": ("GET", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}),
    "no-cors fetch": ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"}),
    "no-cors post": ("POST", {"sec-fetch-mode": "no-cors", **SUBMITTED}),
    "preflight": ("OPTIONS", {"sec-fetch-mode": "cors"}),
    "event source": ("GET", {"sec-fetch-mode": "cors"}),
    "websocket": ("GET", {"sec-fetch-mode": "websocket", **UPGRADE}),
    "form": ("POST", {"sec-fetch-mode": "navigate", **SUBMITTED}),
    "form without origin": ("POST", {"sec-fetch-mode": "navigate", **SUBMITTED}),
    "form from a sandbox": ("POST", {"origin": "null", **SUBMITTED}),
}
ORIGINS = {"same-site": "http://127.0.0.1:1", "cross-site": "https://evil.example"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud() as running:
        yield running


@pytest.fixture
def practice() -> Iterator[PracticeServer]:
    with PracticeServer(latency_factor=0) as running:
        yield running


def send(url: str, method: str, headers: dict[str, str], fields: dict[str, str]) -> tuple[int, str]:
    """Send the fields in the address and the body; return status and text."""
    address = urlsplit(url)
    target = f"{address.path or '/'}{'?' if fields else ''}{urlencode(fields)}"
    body = urlencode(fields).encode() if method == "POST" else None
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def state(cloud: Cloud) -> list[Any]:
    """Return everything that the attack could change."""
    return [
        cloud.client("cloudformation").list_stacks()["StackSummaries"],
        cloud.client("lambda").list_functions()["Functions"],
        cloud.client("sns").list_topics()["Topics"],
        cloud.client("sqs").list_queues().get("QueueUrls", []),
        cloud.mailbox.mails(),
    ]


def foreign_requests(site: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what browsers send for a page of another site."""
    fetched = {"sec-fetch-site": site}
    named = {"origin": ORIGINS[site]} | fetched
    return {
        kind: (method, headers | (named if kind in WITH_ORIGIN else fetched))
        for kind, (method, headers) in BROWSER_REQUESTS.items()
    }


def test_scenario_62_a_foreign_page_changes_and_reads_nothing(
    cloud: Cloud, practice: PracticeServer, record_property: Record
) -> None:
    ports = [cloud.endpoint_url, cloud.site_url, cloud.mailbox_url, cloud.authoring_url]
    ports += [f"{practice.url}/models", f"{practice.url}/chat/completions"]
    before, tried, read = state(cloud), 0, []

    for site in ORIGINS:
        for kind, (method, headers) in foreign_requests(site).items():
            for url in ports:
                for fields in ATTACK:
                    status, _ = send(url, method, headers, fields)
                    tried += 1
                    read += [f"{kind}, {site}: {url}"] if status < 400 else []

    changes = [after for was, after in zip(before, state(cloud), strict=True) if was != after]
    figures = f"{tried} requests, {len(changes)} changes, {len(read)} reads"
    record_property("foreign page on every port", figures)
    assert (changes, practice.calls, read) == ([], [], [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_scenario_62_an_image_that_creates_a_stack_needs_a_signature(
    cloud: Cloud, method: str
) -> None:
    before = state(cloud)

    refused = [send(cloud.endpoint_url, method, SUBMITTED, fields) for fields in ATTACK]

    assert [status for status, _ in refused] == [403, 403]
    assert all("The request is not signed." in text for _, text in refused)
    assert state(cloud) == before


def test_scenario_62_the_same_attack_works_with_the_key_of_the_run(cloud: Cloud) -> None:
    cloudformation = cloud.client("cloudformation")

    cloudformation.create_stack(StackName="own", TemplateBody=TEMPLATE)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="own", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )

    assert cloud.client("sns").publish(TopicArn=TOPIC, Message="run")["MessageId"]
    cloudformation.delete_stack(StackName="own")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_scenario_62_a_rebound_host_name_is_refused_on_every_port(
    cloud: Cloud, practice: PracticeServer, host: str
) -> None:
    ports = [cloud.endpoint_url, cloud.site_url, cloud.mailbox_url, cloud.authoring_url]
    headers = {"host": host, "sec-fetch-site": "same-origin"}

    statuses = [send(url, "GET", headers, {})[0] for url in [*ports, f"{practice.url}/models"]]

    assert [status for status in statuses if status < 400] == []
