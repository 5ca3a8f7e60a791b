"""Accepts forms only from our own pages, and only with the code from the reviewer's email."""

from coursewright.domain.errors import CodeWrong, RequestForged, ReviewError, ReviewLocked
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import (
    Decision,
    RejectedDraft,
    ReviewSubmission,
    SignIn,
    pseudonym,
)
from coursewright.observability import logger, measure
from coursewright.steps.reviewed_drafts import ReviewDeps
from coursewright.web.http import Request, sign_in_cookie_name
from coursewright.web.session import ReviewSession

AUDITED_ONCE = (RequestForged, CodeWrong, ReviewLocked)
SIGNED_IN_SECONDS = 3600  # enough to read a round; a decision always requires the code
REASON = "reason/"


def require_own_form(request: Request, session: ReviewSession, deps: ReviewDeps) -> None:
    """Check that the form was sent from a page of this session. Raises: RequestForged."""
    if not request.is_same_origin:
        raise RequestForged("foreign origin")
    if not deps.links.is_csrf(session.cookie, request.field("csrf")):
        raise RequestForged("no csrf token of this session")


def require_code(request: Request, session: ReviewSession, deps: ReviewDeps) -> None:
    """Check the six-digit code from the email. Raises: CodeWrong or ReviewLocked."""
    code = "".join(request.field("code").split())
    if not code:
        raise CodeWrong(ProblemCode.CODE_MISSING)
    left = deps.reviews.count_attempt(session.claims)  # first, so that parallel guesses count
    if deps.links.is_code(session.claims, code):
        deps.reviews.forget_attempt(session.claims)
        return
    if left == 0:
        measure("ReviewLocked", 1)
        raise ReviewLocked(session.review.review)
    raise CodeWrong(ProblemCode.CODE_DIFFERS, attempts=left)


def is_signed_in(request: Request, session: ReviewSession, deps: ReviewDeps) -> bool:
    """Return whether the code was entered in this browser recently."""
    name = sign_in_cookie_name(session.review.review, own_origin=request.own_origin)
    signed = request.cookies.get(name, "")
    return deps.links.is_signed_in(session.claims, signed, now=deps.clock.now())


def require_sign_in(request: Request, session: ReviewSession, deps: ReviewDeps) -> SignIn:
    """Check the code unless it was entered recently, and return how the reviewer signed in.

    Not for decisions, which always require the code. Raises: CodeWrong or ReviewLocked.
    """
    if not request.field("code").strip() and is_signed_in(request, session, deps):
        return SignIn.EARLIER_CODE
    require_code(request, session, deps)
    return SignIn.CODE


def read_submission(request: Request) -> ReviewSubmission:
    """Return the review fields of a submitted form, regardless of which button submitted it."""
    decision = request.field("decision")
    return ReviewSubmission(
        decision=Decision(decision) if decision in set(Decision) else Decision.PENDING,
        approved=tuple(dict.fromkeys(request.form.get("approve", ()))),
        confirmed=tuple(dict.fromkeys(request.form.get("confirm", ()))),
        rejected=tuple(
            RejectedDraft(draft=draft, reason=_text(request.field(f"{REASON}{draft}")))
            for draft in dict.fromkeys(request.form.get("reject", ()))
        ),
        notes=_text(request.field("notes")),
        shown_sha256=request.field("shown_sha256"),
    )


def audit_refusal(error: ReviewError, session: ReviewSession, deps: ReviewDeps) -> None:
    """Log a refused form, and audit each kind of security refusal once per reviewer."""
    kind, review = type(error).__name__, session.review
    logger.warning("decision_refused", review=review.review, error=kind)
    if not isinstance(error, AUDITED_ONCE):
        return
    facts = {
        "review": review.review,
        "kind": kind,
        "reviewer": pseudonym(review, session.address),
    }
    refusal = {"event": "decision_refused"} | facts
    if any(refusal.items() <= entry.items() for entry in deps.audit.entries(review.generation)):
        return
    deps.audit.add(review.generation, "decision_refused", facts, now=deps.clock.now())


def _text(typed: str) -> str:
    return typed.replace("\r\n", "\n")
