"""Mails a fresh link to its owner, or asks another reviewer; nobody else learns anything by it."""

from collections.abc import Callable
from dataclasses import dataclass

from coursewright.domain.errors import (
    LinkInvalid,
    MailError,
    ReviewError,
    ReviewMissing,
)
from coursewright.domain.invitation import with_fresh_link, with_reviewer
from coursewright.domain.review import PERSON, Review, pseudonym, reviewer_id
from coursewright.domain.session import SessionClaims
from coursewright.observability import logger
from coursewright.pages.email import Invitation, invitation_email
from coursewright.pages.view_models import FreshLinkRequested, Problem, ReviewPage
from coursewright.ports.notifications import Mailbox
from coursewright.web.form_security import (
    ReaderDeps,
    audit_refusal,
    read_submission,
    require_code,
    require_own_form,
)
from coursewright.web.http import Request
from coursewright.web.session import (
    Visit,
    edited_drafts,
    has_expired,
    review_page,
    session_of,
    visit,
)
from coursewright.web.show_review import FRESH_LINK

REVIEWERS = "/reviewers"


@dataclass(frozen=True)
class InvitationDeps(ReaderDeps):
    """What people are invited with, besides."""

    mailbox: Mailbox
    link_salt: Callable[[], str]
    colleagues: str


def invite_reviewer(request: Request, *, deps: InvitationDeps) -> FreshLinkRequested | ReviewPage:
    """Send whoever owns a link a fresh one, or ask the reviewer whose address was entered.

    Raises: LinkInvalid or ReviewExpired.
    """
    if not request.path.endswith(REVIEWERS):
        _renew(request, deps)
        return FreshLinkRequested()
    visitor = visit(request, deps)
    try:
        require_own_form(request, visitor, deps)
        require_code(request, visitor, deps)
        invited = _ask(request, visitor, deps)
    except (ReviewError, MailError) as error:
        if isinstance(error, ReviewError):
            audit_refusal(error, visitor, deps)
        problem = Problem.from_error(error)
        return review_page(visitor, deps, problem=problem, kept=read_submission(request))
    page = review_page(visitor, deps, kept=read_submission(request))
    return page.model_copy(update={"invited": invited})


def _ask(request: Request, visitor: Visit, deps: InvitationDeps) -> str:
    now = deps.clock.now()
    review = deps.reviews.get(visitor.review.review)
    plain = request.field("address").strip()
    if not _waits_for_mail(review, plain, deps):
        changed = with_reviewer(review, plain, colleagues=_words(deps.colleagues), now=now)
        deps.reviews.invite(changed, now=now)
        who = {"reviewer": pseudonym(review, visitor.address), "asked": pseudonym(review, plain)}
        facts = {"review": review.review} | who
        deps.audit.add(review.generation, "reviewer_asked", facts, now=now)
    _mail(plain, deps.reviews.get(review.review), request, deps)
    deps.mailbox.mark_sent(review.review, reviewer_id(plain), 0)
    return plain


def _words(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _waits_for_mail(review: Review, address: str, deps: InvitationDeps) -> bool:
    """Return whether somebody was asked whose mail could not be sent."""
    is_known = address.lower() in {one.lower() for one in review.reviewers}
    return is_known and not deps.mailbox.is_sent(review.review, reviewer_id(address), 0)


def _renew(request: Request, deps: InvitationDeps) -> None:
    """Do what can be done; the answer is the same in every case."""
    try:
        review, address = _owner(request, deps)
        now = deps.clock.now()
        deps.reviews.invite(with_fresh_link(review, address, deps.link_salt(), now=now), now=now)
        facts = {"review": review.review, "reviewer": pseudonym(review, address)}
        deps.audit.add(review.generation, "link_renewed", facts, now=now)
        _mail(address, deps.reviews.get(review.review), request, deps, has_new_link=True)
    except (ReviewError, MailError) as error:
        logger.warning("no_fresh_link", error=type(error).__name__)


def _owner(request: Request, deps: InvitationDeps) -> tuple[Review, str]:
    if request.path.endswith(FRESH_LINK):
        visitor = visit(request, deps)
        require_own_form(request, visitor, deps)
        return visitor.review, visitor.address
    if not request.is_same_origin:
        raise LinkInvalid("foreign origin")
    if "link" in request.parameters:
        return _named(deps.links.open_link(request.parameters["link"]), deps)
    return _named(deps.links.open_session(session_of(request)), deps)


def _named(claims: SessionClaims, deps: InvitationDeps) -> tuple[Review, str]:
    """Return the reviewer of a link that was ours, though a fresh one may have replaced it."""
    if has_expired(claims, deps):
        raise LinkInvalid(claims.review)
    try:
        review = deps.reviews.get(claims.review)
    except ReviewMissing as error:
        raise LinkInvalid(claims.review) from error
    known = {reviewer_id(one): one for one in review.reviewers if not one.startswith(PERSON)}
    is_ours = claims.link_salt in (review.link_salt, review.salt_for(claims.reviewer))
    if not is_ours or claims.reviewer not in known:
        raise LinkInvalid(claims.review)
    return review, known[claims.reviewer]


def _mail(
    address: str,
    review: Review,
    request: Request,
    deps: InvitationDeps,
    *,
    has_new_link: bool = False,
) -> None:
    invitation = Invitation(
        review=review,
        request=deps.generations.get(review.generation).request,
        drafts=edited_drafts(review, deps),
        league=deps.leagues.get(review.generation, review.round),
        reminder=0,
        public_url=request.own_origin,
        has_new_link=has_new_link,
    )
    signed, code = deps.links.link(review, address), deps.links.code(review, address)
    deps.mailbox.send(invitation_email(invitation, address, signed=signed, code=code))
