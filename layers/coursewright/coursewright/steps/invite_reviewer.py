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
from coursewright.observability import logger
from coursewright.pages.email import Invitation, invitation_mail
from coursewright.pages.view_models import LinkAsked, Problem, ReviewPage
from coursewright.ports.mail import Mailbox, SentMails
from coursewright.web.form_security import (
    ReaderDeps,
    kept_of,
    note_refusal,
    require_code,
    require_own_form,
)
from coursewright.web.http import Pass, Request
from coursewright.web.session import (
    Visit,
    drafts_as_edited,
    is_over,
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
    sent_mails: SentMails
    nonce: Callable[[], str]
    colleagues: str


def invite_reviewer(request: Request, *, deps: InvitationDeps) -> LinkAsked | ReviewPage:
    """Send whoever owns a link a fresh one, or ask the reviewer whose address was entered.

    Raises: LinkInvalid or ReviewExpired.
    """
    if not request.path.endswith(REVIEWERS):
        _renew(request, deps)
        return LinkAsked()
    visitor = visit(request, deps)
    try:
        require_own_form(request, visitor, deps)
        require_code(request, visitor, deps)
        invited = _ask(request, visitor, deps)
    except (ReviewError, MailError) as error:
        if isinstance(error, ReviewError):
            note_refusal(error, visitor, deps)
        name = "MailError" if isinstance(error, MailError) else type(error).__name__
        problem = Problem(name=name, detail=str(error))
        return review_page(visitor, deps, problem=problem, kept=kept_of(request))
    page = review_page(visitor, deps, kept=kept_of(request))
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
    deps.sent_mails.confirm(review.review, reviewer_id(plain), 0)
    return plain


def _words(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _waits_for_mail(review: Review, address: str, deps: InvitationDeps) -> bool:
    """Return whether somebody was asked whose mail could not be sent."""
    is_known = address.lower() in {one.lower() for one in review.reviewers}
    return is_known and deps.sent_mails.claim(review.review, reviewer_id(address), 0)


def _renew(request: Request, deps: InvitationDeps) -> None:
    """Do what can be done; the answer is the same in every case."""
    try:
        review, address = _owner(request, deps)
        now = deps.clock.now()
        deps.reviews.invite(with_fresh_link(review, address, deps.nonce(), now=now), now=now)
        facts = {"review": review.review, "reviewer": pseudonym(review, address)}
        deps.audit.add(review.generation, "link_renewed", facts, now=now)
        _mail(address, deps.reviews.get(review.review), request, deps, is_fresh=True)
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


def _named(bearer: Pass, deps: InvitationDeps) -> tuple[Review, str]:
    """Return the reviewer of a link that was ours, though a fresh one may have replaced it."""
    if is_over(bearer, deps):
        raise LinkInvalid(bearer.review)
    try:
        review = deps.reviews.get(bearer.review)
    except ReviewMissing as error:
        raise LinkInvalid(bearer.review) from error
    known = {reviewer_id(one): one for one in review.reviewers if not one.startswith(PERSON)}
    is_ours = bearer.nonce in (review.nonce, review.nonce_of(bearer.reviewer))
    if not is_ours or bearer.reviewer not in known:
        raise LinkInvalid(bearer.review)
    return review, known[bearer.reviewer]


def _mail(
    address: str,
    review: Review,
    request: Request,
    deps: InvitationDeps,
    *,
    is_fresh: bool = False,
) -> None:
    invitation = Invitation(
        review=review,
        request=deps.generations.get(review.generation).request,
        drafts=drafts_as_edited(review, deps),
        league=deps.leagues.get(review.generation, review.round),
        reminder=0,
        public_url=request.own_origin,
        is_fresh=is_fresh,
    )
    signed, code = deps.links.link(review, address), deps.links.code(review, address)
    deps.mailbox.send(invitation_mail(invitation, address, signed=signed, code=code))
