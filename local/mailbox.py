"""Shows the mails that the deployed functions sent, since no mail leaves this machine."""

import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

STYLE = "body{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}" + (
    "iframe{width:100%;height:30rem;border:1px solid #999}pre{white-space:pre-wrap}"
)


@dataclass(frozen=True)
class Mail:
    """One mail as its recipients would see it."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    sent_at: datetime


class Mailbox:
    """The mails that went out through SES of one laptop cloud, oldest first."""

    def __init__(self, endpoint_url: str) -> None:
        """Read from the cloud at an address."""
        self._url = f"{endpoint_url}/_ministack/ses/messages"

    def mails(self) -> list[Mail]:
        """Return all mails."""
        directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with directly.open(self._url, timeout=10) as response:
            accounts = json.load(response)["messages"]
        records = [record for records in accounts.values() for record in records]
        return sorted((_mail(record) for record in records), key=lambda mail: mail.sent_at)

    def latest_to(self, recipient: str) -> Mail | None:
        """Return the newest mail to somebody, or None."""
        mails = [mail for mail in self.mails() if recipient in mail.recipients]
        return mails[-1] if mails else None


def _mail(record: dict[str, Any]) -> Mail:
    return Mail(
        sender=record["Source"],
        recipients=(*record["To"], *record["CC"], *record["BCC"]),
        subject=record["Subject"],
        text=record["BodyText"] or "",
        html=record["BodyHtml"] or "",
        sent_at=datetime.fromtimestamp(record["Timestamp"], UTC),
    )


def mailbox_page(mails: list[Mail]) -> str:
    """Return the list of mails, newest first, as a page."""
    rows = [
        f'<li><a href="/{number}">{escape(mail.subject) or "(no subject)"}</a><br>'
        f"to {escape(', '.join(mail.recipients))}, {_time(mail)}</li>"
        for number, mail in reversed(list(enumerate(mails, start=1)))
    ]
    listed = f"<ul>{''.join(rows)}</ul>" if rows else "<p>No mail was sent yet.</p>"
    return _page("Mailbox", listed)


def mail_page(mail: Mail) -> str:
    """Return one mail as a page; its HTML part can neither run scripts nor reach the page."""
    facts = (
        f'<p><a href="/">All mails</a></p><p>From {escape(mail.sender)}<br>'
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
    """Escape a text and make its web addresses links."""
    words = text.split(" ")
    return " ".join("\n".join(_link(line) for line in word.split("\n")) for word in words)


def _link(word: str) -> str:
    if not word.startswith(("http://", "https://")):
        return escape(word)
    return f'<a href="{escape(word)}" rel="noreferrer">{escape(word)}</a>'


def _time(mail: Mail) -> str:
    return mail.sent_at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{content}</html>"
    )
