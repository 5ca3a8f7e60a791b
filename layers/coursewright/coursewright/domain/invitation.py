"""Rules for inviting reviewers and renewing their links, and the content of an invitation."""

from datetime import datetime, timedelta

from coursewright.domain.address import email_domain, parse_address
from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.errors import InvitationRefused
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import PSEUDONYM_PREFIX, Review, require_open, reviewer_id

MAX_REVIEWERS = 8
MAX_LINK_RENEWALS = 3  # each one allows five more guesses at a six-digit code
MIN_RENEWAL_INTERVAL = timedelta(minutes=5)


class Invitation(Record):
    """The content of an invitation, reminder or fresh link for one reviewer."""

    recipient: str
    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    public_url: str
    signed_link: str
    code: str
    reminder: int = 0
    has_new_link: bool = False  # requested because the reviewer's earlier link had stopped working


def invited_address(text: str) -> str:
    """Return the address that a reviewer entered. Raises: InvitationRefused."""
    try:
        return parse_address(text)
    except ValueError as error:
        raise InvitationRefused(ProblemCode.ADDRESS_INVALID) from error


def with_reviewer(
    review: Review, address: str, *, colleagues: tuple[str, ...], now: datetime
) -> Review:
    """Add a reviewer: a configured colleague, or someone in an existing reviewer's email domain.

    Raises: InvitationRefused, AlreadyDecided, ReviewExpired or ReviewLocked.
    """
    require_open(review, now=now)
    present = {reviewer.lower() for reviewer in review.reviewers}
    if address.lower() in present:
        raise InvitationRefused(ProblemCode.ALREADY_INVITED)
    if len(review.reviewers) >= MAX_REVIEWERS:
        raise InvitationRefused(ProblemCode.TOO_MANY_REVIEWERS)
    known = {colleague.lower() for colleague in colleagues}
    domains = {email_domain(each) for each in present if not each.startswith(PSEUDONYM_PREFIX)}
    if address.lower() not in known and email_domain(address) not in domains:
        raise InvitationRefused(ProblemCode.FOREIGN_DOMAIN)
    return review.model_copy(update={"reviewers": (*review.reviewers, address)})


def with_fresh_link(review: Review, address: str, link_salt: str, *, now: datetime) -> Review:
    """Revoke a reviewer's links and codes, issue new ones, and unlock the review.

    Raises: InvitationRefused, AlreadyDecided or ReviewExpired.
    """
    require_open(review.model_copy(update={"wrong_codes": 0}), now=now)
    renewed_at = review.renewed_at
    is_too_soon = renewed_at is not None and now < renewed_at + MIN_RENEWAL_INTERVAL
    if is_too_soon or review.renewals >= MAX_LINK_RENEWALS:
        raise InvitationRefused(ProblemCode.NO_LINK_NOW)
    return review.model_copy(
        update={
            "link_salts": review.link_salts | {reviewer_id(address): link_salt},
            "renewals": review.renewals + 1,
            "renewed_at": now,
            "wrong_codes": 0,
        }
    )
