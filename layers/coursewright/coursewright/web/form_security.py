"""Lets through only what a reviewer sends from a page of ours, with the code of their mail."""

from dataclasses import dataclass

from coursewright.domain.errors import (
    CodeWrong,
    RequestForged,
    ReviewError,
    ReviewLocked,
)
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import MAX_WRONG_CODES, RejectedDraft, Review, SignIn, pseudonym
from coursewright.observability import logger, measure
from coursewright.pages.view_models import Kept
from coursewright.ports.reviews import Audit
from coursewright.web.http import Request, sign_in_name
from coursewright.web.session import PageDeps, ReviewDeps, Visit

ONCE_PER_REVIEW = (RequestForged, CodeWrong, ReviewLocked)
SIGNED_IN_SECONDS = 3600  # the time of reading a round; a decision asks for the code all the same
REASON = "reason/"


@dataclass(frozen=True)
class FormDeps(ReviewDeps):
    """What a reviewer's form is checked with, besides."""

    audit: Audit


@dataclass(frozen=True)
class ReaderDeps(FormDeps, PageDeps):
    """What all pages of a review are read from."""


def require_own_form(request: Request, visitor: Visit, deps: ReviewDeps) -> None:
    """Check that a page of this session sent the form. Raises: RequestForged."""
    if not request.is_same_origin:
        raise RequestForged("foreign origin")
    if not deps.links.is_csrf(visitor.session, request.field("csrf")):
        raise RequestForged("no csrf token of this session")


def require_code(request: Request, visitor: Visit, deps: ReviewDeps) -> None:
    """Check the six digits of the mail. Raises: CodeWrong or ReviewLocked."""
    code = "".join(request.field("code").split())
    if not code:
        raise CodeWrong(ProblemCode.CODE_MISSING)
    if deps.links.is_code(visitor.claims, code):
        return
    left = MAX_WRONG_CODES - deps.reviews.count_wrong_code(visitor.review.review)
    if left == 0:
        measure("ReviewLocked", 1)
    if left <= 0:
        raise ReviewLocked(visitor.review.review)
    raise CodeWrong(ProblemCode.CODE_DIFFERS, attempts=left)


def is_signed_in(request: Request, visitor: Visit, deps: ReviewDeps) -> bool:
    """Return whether this browser has shown the code not long ago."""
    name = sign_in_name(visitor.review.review, own_origin=request.own_origin)
    signed = request.cookies.get(name, "")
    return deps.links.is_signed_in(visitor.claims, signed, now=deps.clock.now())


def require_sign_in(request: Request, visitor: Visit, deps: ReviewDeps) -> SignIn:
    """Check the code, or that this browser has shown it, and say which; never for a decision.

    Raises: CodeWrong or ReviewLocked.
    """
    if not request.field("code").strip() and is_signed_in(request, visitor, deps):
        return SignIn.EARLIER_CODE
    require_code(request, visitor, deps)
    return SignIn.CODE


def read_submission(request: Request) -> Kept:
    """Return what a form says of the round, whatever it was sent for."""
    return Kept(
        decision=request.field("decision"),
        approved=tuple(dict.fromkeys(request.form.get("approve", ()))),
        rejected=tuple(
            RejectedDraft(draft=one, reason=_text(request.field(f"{REASON}{one}")))
            for one in dict.fromkeys(request.form.get("reject", ()))
        ),
        notes=_text(request.field("notes")),
    )


def audit_refusal(error: ReviewError, visitor: Visit, deps: FormDeps) -> None:
    """Add to the audit, once per review, that somebody was kept out."""
    kind, review = type(error).__name__, visitor.review
    logger.warning("decision_refused", review=review.review, error=kind)
    if not isinstance(error, ONCE_PER_REVIEW):
        return
    earlier = deps.audit.entries(review.generation)
    if any(_is_refusal(entry, kind, review) for entry in earlier):
        return
    who = pseudonym(review, visitor.address)
    facts = {"review": review.review, "kind": kind, "reviewer": who}
    deps.audit.add(review.generation, "decision_refused", facts, now=deps.clock.now())


def _is_refusal(entry: dict[str, object], kind: str, review: Review) -> bool:
    wanted = ("decision_refused", kind, review.review)
    return (entry["event"], entry.get("kind"), entry.get("review")) == wanted


def _text(typed: str) -> str:
    return typed.replace("\r\n", "\n")
