"""Serves the mailbox as web pages."""

import asyncio

from local.asgi import Application, Message, Receive, Send, respond
from local.mailbox import Mailbox, mail_page, mailbox_page

HEADERS = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    ),
]


def mailbox_site(mailbox: Mailbox) -> Application:
    """Return a mailbox's web application: `/` lists the emails, and `/1` shows the first."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        mails = await asyncio.to_thread(mailbox.mails)
        number = scope["path"].strip("/")
        if not number:
            page = mailbox_page(mails)
        elif number.isdecimal() and 1 <= int(number) <= len(mails):
            page = mail_page(mails[int(number) - 1])
        else:
            await respond(send, 404, HEADERS, b"There is no such email.\n")
            return
        is_head = scope["method"] == "HEAD"
        await respond(send, 200, HEADERS, page.encode(), is_head=is_head)

    return answer
