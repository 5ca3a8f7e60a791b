"""Phrases the entries of the audit trail."""

from coursewright.domain.review import SignIn
from coursewright.markup.i18n import N_, _
from coursewright.pages.view_models import AuditLine

EVENTS = {
    "generation_requested": N_("Assignments requested"),
    "exported": N_("Approved assignments exported"),
    "review_opened": N_("Review opened"),
    "review_decided": N_("Decision made"),
    "review_expired": N_("Deadline passed without a decision"),
    "draft_edited": N_("Draft edited"),
    "edit_verified": N_("Edit verified"),
    "reviewer_asked": N_("Another reviewer invited"),
    "link_renewed": N_("New link sent"),
    "decision_refused": N_("Form rejected"),
    "published": N_("Approved drafts published"),
}
EDIT_UNDONE = N_("Edit undone")
SIGN_INS = {
    SignIn.CODE: N_("the emailed link and code"),
    SignIn.EARLIER_CODE: N_("the emailed link, and the code entered earlier in this browser"),
}


def audit_event(line: AuditLine) -> str:
    """Describe the event of an audit entry."""
    if line.facts.get("is_undo"):
        return _(EDIT_UNDONE)
    known = EVENTS.get(line.event)
    return _(known) if known else line.event


def audit_sign_in(line: AuditLine) -> str:
    """Describe how the reviewer signed in."""
    return _(SIGN_INS[SignIn(line.facts["signed_in"])])
