"""Tests the emails that are passed to SES."""

from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.stub import ANY, Stubber

from coursewright.adapters.email import SesMailbox
from coursewright.adapters.table import Table
from coursewright.domain.invitation import Invitation
from tests.cloudformation import load_template
from tests.unit.review.builders import ReviewHarness

ROOT = Path(__file__).parents[3]
SENDER = "Coursewright <reviews@example.edu>"
STOP = "Отключить напоминания: 3f9c1b7a2d4e5f60, раунд 1"


def invitation(*, reminder: int) -> Invitation:
    harness = ReviewHarness().open()
    harness.request(reminder=reminder)
    first = harness.mailbox.invitations[0]
    brief = first.request.brief.model_copy(update={"language": "ru"})
    request = first.request.model_copy(update={"brief": brief})
    return first.model_copy(update={"request": request})


def sent(invited: Invitation) -> dict[str, Any]:
    client = boto3.client("sesv2")
    asked: dict[str, Any] = {}
    client.meta.events.register(
        "provide-client-params.sesv2.SendEmail", lambda params, **_: asked.update(params)
    )
    with Stubber(client) as stub:
        wanted = {"FromEmailAddress": SENDER, "Destination": ANY, "Content": ANY} | {
            "ConfigurationSetName": "coursewright"
        }
        stub.add_response("send_email", {"MessageId": "1"}, wanted)
        table = Table(boto3.client("dynamodb"), "any")
        SesMailbox(client, table, sender=SENDER, configuration="coursewright").send(invited)
    simple: dict[str, Any] = asked["Content"]["Simple"]
    return simple


def test_a_review_request_cannot_be_unsubscribed_from() -> None:
    assert sent(invitation(reminder=0))["Headers"] == []


def test_reminders_are_stopped_by_an_email_and_not_by_a_click() -> None:
    (header,) = sent(invitation(reminder=1))["Headers"]
    target = urlsplit(header["Value"].strip("<>"))

    assert header["Name"] == "List-Unsubscribe"
    assert header["Value"].isascii()
    assert (target.scheme, target.path) == ("mailto", parseaddr(SENDER)[1])
    assert parse_qs(target.query) == {"subject": [STOP]}


def test_opens_and_clicks_of_emails_are_not_tracked() -> None:
    resources = load_template(ROOT / "template.yaml")["Resources"]

    watching = [
        resource["Type"]
        for resource in resources.values()
        if "EventDestination" in resource["Type"]
    ]

    assert resources["MailConfiguration"] == {"Type": "AWS::SES::ConfigurationSet"}
    assert watching == []
