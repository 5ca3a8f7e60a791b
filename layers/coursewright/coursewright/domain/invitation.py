"""Who may be asked for a review besides, and how often somebody gets a fresh link."""

import re
from datetime import datetime, timedelta

from coursewright.domain.errors import InvitationRefused
from coursewright.domain.lesson import ADDRESS
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import PERSON, Review, require_open, reviewer_id

MAX_REVIEWERS = 8
MAX_LINK_RENEWALS = 3  # each brings five more guesses at a code, of a million
REST = timedelta(minutes=5)
MAX_ADDRESS_CHARS = 254  # https://www.rfc-editor.org/errata/eid1690


def with_reviewer(
    review: Review, address: str, *, colleagues: tuple[str, ...], now: datetime
) -> Review:
    """Ask one more reviewer: a colleague, or somebody of a reviewer's own domain.

    Raises: InvitationRefused, AlreadyDecided, ReviewExpired or ReviewLocked.
    """
    require_open(review, now=now)
    plain = address.strip()
    if len(plain) > MAX_ADDRESS_CHARS or not re.match(ADDRESS, plain) or not plain.isprintable():
        raise InvitationRefused(ProblemCode.ADDRESS_INVALID)
    present = {one.lower() for one in review.reviewers}
    if plain.lower() in present:
        raise InvitationRefused(ProblemCode.ALREADY_INVITED)
    if len(review.reviewers) >= MAX_REVIEWERS:
        raise InvitationRefused(ProblemCode.TOO_MANY_REVIEWERS)
    known = {one.lower() for one in colleagues}
    domains = {_domain(one) for one in present if not one.startswith(PERSON)}
    if plain.lower() not in known and _domain(plain) not in domains:
        raise InvitationRefused(ProblemCode.FOREIGN_DOMAIN)
    return review.model_copy(update={"reviewers": (*review.reviewers, plain)})


def with_fresh_link(review: Review, address: str, link_salt: str, *, now: datetime) -> Review:
    """Let a reviewer's earlier links and codes end and new ones begin, and unlock the review.

    Raises: InvitationRefused, AlreadyDecided or ReviewExpired.
    """
    require_open(review.model_copy(update={"wrong_codes": 0}), now=now)
    is_too_soon = review.renewed_at is not None and now < review.renewed_at + REST
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


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()
