"""Phrases why a visitor is not signed in."""

from coursewright.domain.problems import SignInProblem
from coursewright.markup.i18n import N_, _

NOT_YET = N_(
    "These pages are for course authors. Nothing was started or exported. If you have just filled"
    " in a form, sign in, return to it with the browser’s Back button and submit it again."
)
PROBLEMS = {
    SignInProblem.NOT_CONFIGURED: N_(
        "Nobody can sign in here yet. Ask the administrator to set up the sign-in."
    ),
    SignInProblem.UNAVAILABLE: N_(
        "Your organisation’s sign-in does not answer at the moment. Try again in a minute. If it"
        " still does not answer, tell the administrator."
    ),
    SignInProblem.STALE: N_(
        "This sign-in took too long, was begun in another browser or has already been used. Start"
        " again; this usually takes one click."
    ),
    SignInProblem.DENIED: N_(
        "The sign-in was cancelled, or your account may not be used for these pages."
    ),
    SignInProblem.REFUSED: N_(
        "Your organisation’s sign-in service returned an invalid response. Please try signing in"
        " again. If this keeps happening, contact your administrator."
    ),
    SignInProblem.NO_SCOPE: N_(
        "Your account may sign in, but not create assignments. Ask the administrator for access."
    ),
}


def sign_in_text(problem: SignInProblem | None) -> str:
    """Return why the visitor is not signed in, and what helps."""
    return _(PROBLEMS[problem] if problem else NOT_YET)
