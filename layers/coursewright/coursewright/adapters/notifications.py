"""Notifications: an SNS topic for subscribers, and a chat behind a webhook."""

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from coursewright.adapters.table import error_code
from coursewright.domain.errors import ChatMisconfigured, ChatUnreachable, NotificationNotSent
from coursewright.domain.notification import Notification
from coursewright.pages.notifications import NotificationText, render_notification

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

SUBJECT = "Coursewright"  # ASCII only, so translations appear only in the text
SECRET_SECONDS = 300
TIMEOUT_SECONDS = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Teams workflows accept only Adaptive Cards; Slack and compatible services accept text.
# https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/
TEAMS_HOSTS = (".logic.azure.com", ".powerplatform.com", ".webhook.office.com")


class SnsNotificationTopic:
    """Publishes notifications to SNS: plain text for people, JSON for programs."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def publish(self, notification: Notification) -> None:
        """Publish a notification. Raises: NotificationNotSent."""
        rendered = render_notification(notification)
        parts = (rendered.title, rendered.text, notification.link)
        plain = "\n\n".join(part for part in parts if part)
        document = notification.model_dump(mode="json") | rendered.model_dump()
        for_programs = dict.fromkeys(("lambda", "sqs", "http", "https"), json.dumps(document))
        try:
            self._client.publish(
                TopicArn=self._topic,
                Subject=SUBJECT,
                Message=json.dumps({"default": plain, **for_programs}),
                MessageStructure="json",
                MessageAttributes={
                    "kind": {"DataType": "String", "StringValue": notification.kind}
                },
            )
        except ClientError as error:
            raise NotificationNotSent(error_code(error)) from error
        except BotoCoreError as error:
            raise NotificationNotSent(type(error).__name__) from error


class WebhookChat:
    """A channel behind an incoming webhook: {"address": "https://…", "format": "slack"}.

    Anyone who knows the address can post, so it is kept secret and out of errors and logs.
    """

    def __init__(self, secrets: "SecretsProvider", secret: str) -> None:
        self._secrets = secrets
        self._secret = secret

    def post(self, notification: Notification) -> None:
        """Post a notification. Raises: ChatUnreachable or ChatMisconfigured."""
        address, is_teams = self._webhook()
        text = render_notification(notification)
        body = teams_card(notification, text) if is_teams else slack_text(notification, text)
        request = urllib.request.Request(  # noqa: S310 the scheme was checked
            address,
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method="POST",
        )
        _send(request)

    def _webhook(self) -> tuple[str, bool]:
        content = str(self._secrets.get(self._secret, max_age=SECRET_SECONDS)).strip()
        try:
            webhook = json.loads(content) if content.startswith("{") else {"address": content}
            address, form = str(webhook["address"]), str(webhook.get("format", ""))
            host = urlsplit(address).hostname or ""
            is_safe = address.startswith("https://") or (
                address.startswith("http://") and host in LOOPBACK
            )
        except (ValueError, KeyError):
            _refuse("is neither an address nor a JSON object with an address")
        if not is_safe or not host:
            _refuse("contains an address that is not https")
        if form not in ("", "slack", "teams"):
            _refuse("contains a format that is neither slack nor teams")
        return address, form == "teams" or (not form and host.endswith(TEAMS_HOSTS))


def slack_text(notification: Notification, text: NotificationText) -> dict[str, Any]:
    """Return a message for Slack in which a title can neither mention a channel nor hide a link."""
    lines = [f"*{_plain(text.title)}*", _plain(text.text)]
    if notification.link:
        lines.append(f"<{notification.link}|{_plain(text.link_text)}>")
    return {"text": "\n".join(lines)}


def teams_card(notification: Notification, text: NotificationText) -> dict[str, Any]:
    """Return an Adaptive Card, built from text runs because text blocks interpret Markdown."""
    body = [_run(text.title, weight="Bolder"), _run(text.text)]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": notification.language,
        "body": body,
    }
    if notification.link:
        link = {
            "type": "Action.OpenUrl",
            "title": text.link_text,
            "url": notification.link,
        }
        card["actions"] = [link]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


def _plain(text: str) -> str:
    """Escape Slack's markup.

    https://docs.slack.dev/messaging/formatting-message-text/
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(
        f"{character}\u200b" if character in "*_~`" else character for character in escaped
    )


def _send(request: urllib.request.Request) -> None:
    directly = urllib.request.build_opener(_NoRedirects)
    try:
        with directly.open(request, timeout=TIMEOUT_SECONDS) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except (OSError, HTTPException) as error:
        # Not chained: the message may contain the address.
        raise ChatUnreachable(f"the chat did not respond: {type(error).__name__}") from None
    if not 200 <= status < 300:
        raise ChatUnreachable(f"the chat returned status {status}")


def _refuse(why: str) -> NoReturn:
    raise ChatMisconfigured(f"the secret with the chat's webhook {why}") from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Treats redirects as failures."""

    def redirect_request(self, *_: object) -> None:
        return None
