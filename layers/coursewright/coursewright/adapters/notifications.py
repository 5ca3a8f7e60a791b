"""News to others: a topic that anybody may subscribe to, and a chat behind a webhook."""

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

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

SUBJECT = "Coursewright"  # of mails that the topic sends; words in any language are in the text
SECRET_SECONDS = 300
TIMEOUT_SECONDS = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Teams' workflows take nothing but Adaptive Cards; Slack and all who speak like it take a text.
# https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/
TEAMS_HOSTS = (".logic.azure.com", ".powerplatform.com", ".webhook.office.com")


class SnsNotificationTopic:
    """The topic: people get the words, programs the notice itself."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def publish(self, notification: Notification) -> None:
        """Notify all subscribers. Raises: NotificationNotSent."""
        words = "\n\n".join(
            filter(None, [notification.title, notification.text, notification.link])
        )
        whole = notification.model_dump_json()
        told = {"default": words, **dict.fromkeys(("lambda", "sqs", "http", "https"), whole)}
        try:
            self._client.publish(
                TopicArn=self._topic,
                Subject=SUBJECT,
                Message=json.dumps(told),
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

    Whoever knows the address may post, so it is a secret and stands in no error and no log.
    """

    def __init__(self, secrets: "SecretsProvider", secret: str) -> None:
        self._secrets = secrets
        self._secret = secret

    def post(self, notification: Notification) -> None:
        """Post a notification. Raises: ChatUnreachable or ChatMisconfigured."""
        address, is_teams = self._place()
        body = teams_card(notification) if is_teams else slack_text(notification)
        request = urllib.request.Request(  # noqa: S310 the scheme was looked at
            address,
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method="POST",
        )
        _send(request)

    def _place(self) -> tuple[str, bool]:
        content = str(self._secrets.get(self._secret, max_age=SECRET_SECONDS)).strip()
        try:
            found = json.loads(content) if content.startswith("{") else {"address": content}
            address, form = str(found["address"]), str(found.get("format", ""))
            host = urlsplit(address).hostname or ""
            is_safe = address.startswith("https://") or (
                address.startswith("http://") and host in LOOPBACK
            )
        except (ValueError, KeyError):
            _refuse("is no address and no JSON object with an address")
        if not is_safe or not host:
            _refuse("names an address that is not https")
        if form not in ("", "slack", "teams"):
            _refuse("names a format that is neither slack nor teams")
        return address, form == "teams" or (not form and host.endswith(TEAMS_HOSTS))


def slack_text(notification: Notification) -> dict[str, Any]:
    """Write a notice for Slack; a title can neither call a channel nor hide a link."""
    lines = [f"*{_plain(notification.title)}*", _plain(notification.text)]
    if notification.link:
        lines.append(f"<{notification.link}|{_plain(notification.link_words)}>")
    return {"text": "\n".join(lines)}


def teams_card(notification: Notification) -> dict[str, Any]:
    """Write a notice as an Adaptive Card; runs of text, unlike blocks, know no Markdown."""
    body = [_run(notification.title, weight="Bolder"), _run(notification.text)]
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
            "title": notification.link_words,
            "url": notification.link,
        }
        card["actions"] = [link]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


def _plain(text: str) -> str:
    """Escape what Slack reads as marks of its own.

    https://docs.slack.dev/messaging/formatting-message-text/
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"{one}\u200b" if one in "*_~`" else one for one in escaped)


def _send(request: urllib.request.Request) -> None:
    directly = urllib.request.build_opener(_NoRedirects)
    try:
        with directly.open(request, timeout=TIMEOUT_SECONDS) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except (OSError, HTTPException) as error:
        # Not chained: its text may hold the address.
        raise ChatUnreachable(f"no answer from the chat: {type(error).__name__}") from None
    if not 200 <= status < 300:
        raise ChatUnreachable(f"the chat answered {status}")


def _refuse(why: str) -> NoReturn:
    raise ChatMisconfigured(f"the secret with the chat's webhook {why}") from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other that is no success."""

    def redirect_request(self, *_: object) -> None:
        return None
