"""Emails review links: a fresh one to its owner, or a first one to another reviewer."""

import secrets
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.invite_reviewer import InvitationDeps
from coursewright.web.http import parse_request
from coursewright.web.invite_reviewer import invite_reviewer
from coursewright.web.review_responses import respond


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `POST` of a form that requests an email."""
    deps = InvitationDeps(
        **wiring.review_ports(),
        mailbox=wiring.mailbox(),
        link_salt=lambda: secrets.token_urlsafe(12),
        rules=settings().reviewer_rules,
    )
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: invite_reviewer(request, deps=deps)).payload(request)
