"""Reads and renders the emails sent by the deployed functions; none leaves this machine."""

import json
import re
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from local.access_key import AccessKey

STYLE = "body{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}" + (
    "iframe{width:100%;height:30rem;border:1px solid #999}pre{white-space:pre-wrap}"
)


@dataclass(frozen=True)
class SentEmail:
    """An email as received by its recipients."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    sent_at: datetime


class Mailbox:
    """The emails sent through the SES of one laptop cloud."""

    def __init__(self, endpoint_url: str, access_key: AccessKey) -> None:
        """Read emails from the cloud at the given endpoint."""
        self._url = f"{endpoint_url}/_ministack/ses/messages"
        self._access_key = access_key

    def mails(self) -> list[SentEmail]:
        """Return all emails, oldest first."""
        headers = self._access_key.signed_headers(self._url, service="ses")
        request = urllib.request.Request(self._url, headers=headers)
        without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with without_proxy.open(request, timeout=10) as response:
            accounts = json.load(response)["messages"]
        records = [record for records in accounts.values() for record in records]
        return sorted((_mail(record) for record in records), key=lambda mail: mail.sent_at)


def _mail(record: dict[str, Any]) -> SentEmail:
    return SentEmail(
        sender=record["Source"],
        recipients=(*record["To"], *record["CC"], *record["BCC"]),
        subject=record["Subject"],
        text=record["BodyText"] or "",
        html=record["BodyHtml"] or "",
        sent_at=datetime.fromtimestamp(record["Timestamp"], UTC),
    )


def mailbox_page(mails: list[SentEmail]) -> str:
    """Return a page that lists the emails, newest first."""
    rows = [
        f'<li><a href="/{number}">{escape(mail.subject) or "(no subject)"}</a><br>'
        f"to {escape(', '.join(mail.recipients))}, {_time(mail)}</li>"
        for number, mail in reversed(list(enumerate(mails, start=1)))
    ]
    listed = f"<ul>{''.join(rows)}</ul>" if rows else "<p>No emails have been sent yet.</p>"
    return _page("Mailbox", listed)


def mail_page(mail: SentEmail) -> str:
    """Return a page with one email; its HTML part is sandboxed."""
    facts = (
        f'<p><a href="/">All emails</a></p><p>From {escape(mail.sender)}<br>'
        f"To {escape(', '.join(mail.recipients))}<br>{_time(mail)}</p>"
    )
    frame = (
        f'<h2>HTML part</h2><iframe sandbox="allow-popups" title="HTML part" '
        f'srcdoc="{escape(mail.html)}"></iframe>'
        if mail.html
        else ""
    )
    return _page(mail.subject, f"{facts}<h2>Text part</h2><pre>{_linked(mail.text)}</pre>{frame}")


def _linked(text: str) -> str:
    """Escape the text and convert its web addresses to links."""
    return re.sub(r"[^ \n]+", lambda match: _link(match[0]), text)


def _link(word: str) -> str:
    if not word.startswith(("http://", "https://")):
        return escape(word)
    return f'<a href="{escape(word)}" rel="noreferrer">{escape(word)}</a>'


def _time(mail: SentEmail) -> str:
    return mail.sent_at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{content}</html>"
    )
