"""Review notifications reach the topic and the chat webhook without leaking secrets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from coursewright.adapters.notifications import (
    SnsNotificationTopic,
    WebhookChat,
    slack_text,
    teams_card,
)
from coursewright.domain.errors import ChatMisconfigured, ChatUnreachable, NotificationNotSent
from coursewright.domain.notification import Notification, NotificationKind
from coursewright.pages.notifications import NotificationText, render_notification
from coursewright.steps.notify_chat import notify_chat
from tests.unit.review.builders import ADA, AUTHORING, GENERATION, REVIEW, START, ReviewHarness

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "events" / "notify_chat"
NOTIFICATION = Notification(
    kind=NotificationKind.REVIEW_WAITING,
    generation=GENERATION,
    round=1,
    language="en",
    course="Python basics",
    module="Loops <!channel> & *more*",
    drafts=4,
    decide_by=START + timedelta(days=12),
    link=f"{AUTHORING}/authoring/generations/{GENERATION}",
)
TEXT = render_notification(NOTIFICATION)
REFUSED_ADDRESSES = (
    "",
    "{}",
    "[]",
    "nonsense",
    "{broken",
    "http://chat.example.edu/hook",
    "http://127.0.0.1.example.edu/hook",
    "ftp://127.0.0.1/hook",
    "file:///etc/passwd",
    "https://",
    "https://[broken/hook",
    '{"address": "https://chat.example.edu/hook", "format": "irc"}',
    '{"adress": "https://chat.example.edu/hook"}',
)


class Secrets:
    def __init__(self, content: str) -> None:
        self.content = content

    def get(self, name: str, **_: object) -> str:
        return self.content


class Channel(BaseHTTPRequestHandler):
    """A webhook that records the requests it receives."""

    status: ClassVar[int] = 200
    posts: ClassVar[list[tuple[str, Any]]]

    def do_POST(self) -> None:
        size = int(self.headers["content-length"])
        self.posts.append((self.path, json.loads(self.rfile.read(size))))
        self.send_response(self.status)
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def channel(status: int = 200) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    posts: list[tuple[str, Any]] = []
    handler = type("ThisChannel", (Channel,), {"status": status, "posts": posts})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/services/T0/B0/secret", posts
        finally:
            server.shutdown()
            thread.join()


def chat(content: str) -> WebhookChat:
    return WebhookChat(Secrets(content), "secret")  # type: ignore[arg-type]


def test_a_notification_reaches_the_chat_as_text() -> None:
    with channel() as (address, posts):
        chat(address).post(NOTIFICATION)

    ((path, body),) = posts
    assert path == "/services/T0/B0/secret"
    assert set(body) == {"text"}
    assert TEXT.text in body["text"]
    assert f"<{NOTIFICATION.link}|Open the generation>" in body["text"]


def test_a_notification_reaches_teams_as_a_card() -> None:
    with channel() as (address, posts):
        chat(json.dumps({"address": address, "format": "teams"})).post(NOTIFICATION)

    ((_, body),) = posts
    (attachment,) = body["attachments"]
    card = attachment["content"]
    assert body["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["body"][0]["inlines"][0]["text"] == TEXT.title
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": TEXT.link_text, "url": NOTIFICATION.link}
    ]


def test_a_title_can_neither_call_a_channel_nor_hide_a_link() -> None:
    text = slack_text(NOTIFICATION, TEXT)["text"]

    assert "<!channel>" not in text
    assert "&lt;!channel&gt; &amp;" in text


@given(st.text(max_size=80))
def test_no_title_adds_markup_to_a_message(title: str) -> None:
    text = slack_text(NOTIFICATION, TEXT.model_copy(update={"title": title}))["text"]

    assert text.count("<") == text.count(">") == 1


def test_without_authoring_pages_there_is_no_link() -> None:
    bare = NOTIFICATION.model_copy(update={"link": ""})
    text = NotificationText(title="Loops", text="A review is waiting.", link_text="")

    assert "<" not in slack_text(bare, text)["text"]
    assert "actions" not in teams_card(bare, text)["attachments"][0]["content"]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 403, 404, 410, 429, 500, 503])
def test_a_notification_refused_by_the_chat_is_retried(status: int) -> None:
    with channel(status) as (address, posts), pytest.raises(ChatUnreachable) as refused:
        chat(address).post(NOTIFICATION)

    assert [path for path, _ in posts] == ["/services/T0/B0/secret"]
    assert "secret" not in str(refused.value)


def test_a_missing_webhook_is_reported_without_its_address() -> None:
    with channel() as (address, _):
        pass

    with pytest.raises(ChatUnreachable) as refused:
        chat(address).post(NOTIFICATION)

    assert "services" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("content", REFUSED_ADDRESSES)
def test_an_unsafe_address_is_refused_and_not_repeated(content: str) -> None:
    with pytest.raises(ChatMisconfigured) as refused:
        chat(content).post(NOTIFICATION)

    assert "hook" not in str(refused.value).replace("webhook", "")
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_what_the_topic_sends_is_posted(path: Path) -> None:
    with channel() as (address, posts):
        answer = notify_chat(json.loads(path.read_text("utf-8")), post=chat(address).post)

    assert answer == {"posted": 1}
    assert "5 Entwürfe" in posts[0][1]["text"]


def test_the_topic_sends_text_to_people_and_json_to_programs() -> None:
    client = boto3.client("sns")
    asked: dict[str, Any] = {}
    client.meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **_: asked.update(params)
    )
    names = ("TopicArn", "Subject", "Message", "MessageStructure", "MessageAttributes")
    with Stubber(client) as stub:
        stub.add_response("publish", {"MessageId": "1"}, dict.fromkeys(names, ANY))
        SnsNotificationTopic(client, "arn:aws:sns:eu-west-1:123456789012:notifications").publish(
            NOTIFICATION
        )

    envelope = json.loads(asked["Message"])
    document = json.loads(envelope["lambda"])
    assert document == NOTIFICATION.model_dump(mode="json") | TEXT.model_dump()
    assert envelope["default"].startswith(TEXT.title)


def test_a_failing_topic_raises_our_error() -> None:
    client = boto3.client("sns")

    topic = SnsNotificationTopic(client, "arn:aws:sns:eu-west-1:123456789012:notifications")

    with Stubber(client) as stub:
        stub.add_client_error("publish", "InternalError")
        with pytest.raises(NotificationNotSent, match="InternalError"):
            topic.publish(NOTIFICATION)


def test_a_notification_announces_a_review_without_its_link() -> None:
    harness = ReviewHarness().open()

    harness.request()
    (notification,) = harness.notification_topic.notifications

    assert notification.kind is NotificationKind.REVIEW_WAITING
    assert notification.link == f"{AUTHORING}/authoring/generations/{GENERATION}"
    notification_json = notification.model_dump_json()
    secrets = (harness.signed(), harness.code(), harness.signed(ADA), ADA, "/r/", REVIEW, "token-0")
    assert [secret for secret in secrets if secret in notification_json] == []


def test_a_reminder_is_announced_as_one_and_a_repeated_request_is_not() -> None:
    harness = ReviewHarness().open()

    harness.request()
    harness.request()
    harness.request(reminder=1)

    sent = harness.notification_topic.notifications
    texts = [render_notification(notification).text for notification in sent]
    assert len(texts) == 2
    assert texts[1].startswith(
        "Reminder: a review is still waiting for a decision (4 drafts, due Fri 4 Dec 2026"
    )


def test_a_failing_topic_does_not_stop_a_review() -> None:
    harness = ReviewHarness().open()
    harness.notification_topic.outages = [NotificationNotSent("InternalError")]

    assert harness.request() == 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (NotificationKind.PUBLISHED, "3 assignments have been published."),
        (NotificationKind.EXPIRED, "No decision was made in time, so nothing was published."),
    ],
)
def test_the_end_of_a_generation_is_reported(kind: NotificationKind, text: str) -> None:
    notification = NOTIFICATION.model_copy(update={"kind": kind, "assignments": 3, "link": ""})

    rendered = render_notification(notification)

    assert (rendered.text, rendered.link_text) == (text, "")


def test_assignments_approved_despite_doubts_are_counted() -> None:
    changes = {"kind": NotificationKind.PUBLISHED, "assignments": 3, "doubtful": 2}

    rendered = render_notification(NOTIFICATION.model_copy(update=changes))

    assert rendered.text == (
        "3 assignments have been published. 2 of them were approved despite doubts."
    )
