"""Controller for the decision form."""

from coursewright.domain.errors import ReviewError
from coursewright.domain.review import Decision, Review, ReviewSubmission
from coursewright.pages.view_models import Problem, ReviewPage
from coursewright.steps import decide_review as step
from coursewright.steps.decide_review import DecisionDeps
from coursewright.web.form_security import (
    audit_refusal,
    read_submission,
    require_code,
    require_own_form,
)
from coursewright.web.http import Request
from coursewright.web.review_responses import SubmissionAccepted
from coursewright.web.session import (
    ReviewSession,
    require_session,
    require_usable,
    review_page,
)


def decide_review(request: Request, *, deps: DecisionDeps) -> SubmissionAccepted | ReviewPage:
    """Record the first valid decision, or show the review again with the problem.

    Raises: LinkInvalid or ReviewExpired.
    """
    session, submission = require_session(request, deps), read_submission(request)
    try:
        require_own_form(request, session, deps)
        decided = _decide(request, session, submission, deps)
    except ReviewError as error:
        audit_refusal(error, session, deps)
        problem = Problem.from_error(error)
        return review_page(session, deps, problem=problem, submission=submission)
    return SubmissionAccepted(location=decided.path)


def _decide(
    request: Request,
    session: ReviewSession,
    submission: ReviewSubmission,
    deps: DecisionDeps,
) -> Review:
    if session.review.decision is Decision.PENDING:  # a repeat needs no second code
        require_usable(session, session.review, deps)
        require_code(request, session, deps)
    return step.decide_review(
        submission,
        session.review,
        reviewer=session.address,
        deps=deps,
    )
