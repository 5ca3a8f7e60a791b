"""Invites another reviewer, or sends a reviewer a fresh link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coursewright.domain.access import has_spent_codes, renewed
from coursewright.domain.errors import LinkInvalid, ReviewMissing
from coursewright.domain.invitation import (
    Invitation,
    invited_address,
    with_reviewer,
)
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import (
    PSEUDONYM_PREFIX,
    Review,
    pseudonym,
    require_open,
    reviewer_id,
)
from coursewright.domain.reviewer_rules import ReviewerRules
from coursewright.domain.session import SessionClaims, claims_for
from coursewright.observability import measure
from coursewright.ports.notifications import Mailbox
from coursewright.steps.free_mail import free_mail_domains
from coursewright.steps.reviewed_drafts import ReviewDeps, edited_drafts

FIRST_EMAIL = 0  # as a reminder number


@dataclass(frozen=True)
class InvitationDeps(ReviewDeps):
    """Dependencies of inviting reviewers and renewing links."""

    mailbox: Mailbox
    link_salt: Callable[[], str]
    rules: ReviewerRules


def invite_reviewer(
    entered: str, review: Review, *, invited_by: str, public_url: str, deps: InvitationDeps
) -> str:
    """Add a reviewer and email their link; a failed email can be retried. Return the address.

    Raises: InvitationRefused, AlreadyDecided, ReviewExpired or MailError.
    """
    now, address = deps.clock.now(), invited_address(entered)
    review = deps.reviews.get(review.review)
    if not _waits_for_email(review, address, deps):
        invited = with_reviewer(review, address, problem=_problem(review, deps), now=now)
        deps.reviews.invite(invited, now=now)
        facts = {
            "review": review.review,
            "reviewer": pseudonym(review, invited_by),
            "asked": pseudonym(review, address),
        }
        deps.audit.add(review.generation, "reviewer_asked", facts, now=now)
    _send_invitation(address, deps.reviews.get(review.review), deps, public_url=public_url)
    deps.mailbox.mark_sent(review.review, reviewer_id(address), FIRST_EMAIL)
    return address


def renew_link(address: str, review: Review, *, public_url: str, deps: InvitationDeps) -> None:
    """Replace a reviewer's link and code, which unlocks the review, and email the new ones.

    Raises: InvitationRefused, AlreadyDecided, ReviewExpired, ReviewChanged or MailError.
    """
    now, reviewer = deps.clock.now(), reviewer_id(address)
    require_open(review, now=now)
    access = deps.reviews.access(review.review, reviewer)
    if has_spent_codes(access, now=now):
        measure("ReviewLocked", 1)
    fresh = renewed(access, deps.link_salt(), now=now)
    deps.reviews.renew_access(review.review, reviewer, fresh)
    facts = {"review": review.review, "reviewer": pseudonym(review, address)}
    deps.audit.add(review.generation, "link_renewed", facts, now=now)
    current = deps.reviews.get(review.review)
    _send_invitation(address, current, deps, public_url=public_url, has_new_link=True)


def link_owner(claims: SessionClaims, *, deps: InvitationDeps) -> tuple[Review, str]:
    """Return a link's review and reviewer, even if a fresh link has replaced it.

    Raises: LinkInvalid.
    """
    if deps.clock.now().timestamp() >= claims.expiry:
        raise LinkInvalid(claims.review)
    try:
        review = deps.reviews.get(claims.review)
    except ReviewMissing as error:
        raise LinkInvalid(claims.review) from error
    present = (each for each in review.reviewers if not each.startswith(PSEUDONYM_PREFIX))
    known = {reviewer_id(address): address for address in present}
    newest = deps.reviews.access(review.review, claims.reviewer).link_salt
    is_ours = claims.link_salt in (review.link_salt, newest)
    if not is_ours or claims.reviewer not in known:
        raise LinkInvalid(claims.review)
    return review, known[claims.reviewer]


def _problem(
    review: Review, deps: InvitationDeps
) -> Callable[[str, Sequence[str]], ProblemCode | None]:
    author = deps.generations.get(review.generation).request.author

    def problem(address: str, reviewers: Sequence[str]) -> ProblemCode | None:
        return deps.rules.invitation_problem(
            address, author, reviewers=reviewers, free_mail=free_mail_domains()
        )

    return problem


def _waits_for_email(review: Review, address: str, deps: InvitationDeps) -> bool:
    """Return whether the reviewer was already added but the email could not be sent."""
    is_known = address.lower() in {reviewer.lower() for reviewer in review.reviewers}
    return is_known and not deps.mailbox.is_sent(review.review, reviewer_id(address), FIRST_EMAIL)


def _send_invitation(
    address: str,
    review: Review,
    deps: InvitationDeps,
    *,
    public_url: str,
    has_new_link: bool = False,
) -> None:
    access = deps.reviews.access(review.review, reviewer_id(address))
    claims = claims_for(review, address, access)
    invitation = Invitation(
        recipient=address,
        review=review,
        request=deps.generations.get(review.generation).request,
        drafts=edited_drafts(review, deps),
        league=deps.verifications.league(review.generation, review.round),
        public_url=public_url,
        signed_link=deps.links.link(claims),
        code=deps.links.code(claims),
        has_new_link=has_new_link,
    )
    deps.mailbox.send(invitation)
