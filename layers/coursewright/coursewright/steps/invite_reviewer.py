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
    ReaderDesk,
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
class InvitationDesk(ReaderDesk):
    """What people are invited with, besides."""

    mailbox: Mailbox
    sent_mails: SentMails
    nonce: Callable[[], str]
    colleagues: str


def invite_reviewer(request: Request, *, desk: InvitationDesk) -> LinkAsked | ReviewPage:
    """Send whoever owns a link a fresh one, or ask the reviewer whose address was entered.

    Raises: LinkInvalid or ReviewExpired.
    """
    if not request.path.endswith(REVIEWERS):
        _renew(request, desk)
        return LinkAsked()
    visitor = visit(request, desk)
    try:
        require_own_form(request, visitor, desk)
        require_code(request, visitor, desk)
        invited = _ask(request, visitor, desk)
    except (ReviewError, MailError) as error:
        if isinstance(error, ReviewError):
            note_refusal(error, visitor, desk)
        name = "MailError" if isinstance(error, MailError) else type(error).__name__
        problem = Problem(name=name, detail=str(error))
        return review_page(visitor, desk, problem=problem, kept=kept_of(request))
    page = review_page(visitor, desk, kept=kept_of(request))
    return page.model_copy(update={"invited": invited})


def _ask(request: Request, visitor: Visit, desk: InvitationDesk) -> str:
    now = desk.clock.now()
    review = desk.reviews.get(visitor.review.review)
    plain = request.field("address").strip()
    if not _waits_for_mail(review, plain, desk):
        changed = with_reviewer(review, plain, colleagues=_words(desk.colleagues), now=now)
        desk.reviews.invite(changed, now=now)
        who = {"reviewer": pseudonym(review, visitor.address), "asked": pseudonym(review, plain)}
        facts = {"review": review.review} | who
        desk.audit.add(review.generation, "reviewer_asked", facts, now=now)
    _mail(plain, desk.reviews.get(review.review), request, desk)
    desk.sent_mails.confirm(review.review, reviewer_id(plain), 0)
    return plain


def _words(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _waits_for_mail(review: Review, address: str, desk: InvitationDesk) -> bool:
    """Say whether somebody was asked whose mail could not be sent."""
    is_known = address.lower() in {one.lower() for one in review.reviewers}
    return is_known and desk.sent_mails.claim(review.review, reviewer_id(address), 0)


def _renew(request: Request, desk: InvitationDesk) -> None:
    """Do what can be done; the answer is the same in every case."""
    try:
        review, address = _owner(request, desk)
        now = desk.clock.now()
        desk.reviews.invite(with_fresh_link(review, address, desk.nonce(), now=now), now=now)
        facts = {"review": review.review, "reviewer": pseudonym(review, address)}
        desk.audit.add(review.generation, "link_renewed", facts, now=now)
        _mail(address, desk.reviews.get(review.review), request, desk, is_fresh=True)
    except (ReviewError, MailError) as error:
        logger.warning("no_fresh_link", error=type(error).__name__)


def _owner(request: Request, desk: InvitationDesk) -> tuple[Review, str]:
    if request.path.endswith(FRESH_LINK):
        visitor = visit(request, desk)
        require_own_form(request, visitor, desk)
        return visitor.review, visitor.address
    if not request.is_same_origin:
        raise LinkInvalid("foreign origin")
    if "link" in request.parameters:
        return _named(desk.links.open_link(request.parameters["link"]), desk)
    return _named(desk.links.open_session(session_of(request)), desk)


def _named(bearer: Pass, desk: InvitationDesk) -> tuple[Review, str]:
    """Give the reviewer of a link that was ours, though a fresh one may have replaced it."""
    if is_over(bearer, desk):
        raise LinkInvalid(bearer.review)
    try:
        review = desk.reviews.get(bearer.review)
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
    desk: InvitationDesk,
    *,
    is_fresh: bool = False,
) -> None:
    invitation = Invitation(
        review=review,
        request=desk.generations.get(review.generation).request,
        drafts=drafts_as_edited(review, desk),
        league=desk.leagues.get(review.generation, review.round),
        reminder=0,
        public_url=request.own_origin,
        is_fresh=is_fresh,
    )
    signed, code = desk.links.link(review, address), desk.links.code(review, address)
    desk.mailbox.send(invitation_mail(invitation, address, signed=signed, code=code))
