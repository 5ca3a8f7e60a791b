"""Phrases the entries of the audit trail."""

from coursewright.domain.review import SignIn
from coursewright.markup.i18n import N_, _
from coursewright.pages.view_models import AuditLine

EVENTS = {
    "generation_requested": N_("The assignments were requested"),
    "exported": N_("The approved assignments were exported"),
    "review_opened": N_("The review was opened"),
    "review_decided": N_("A decision was made"),
    "review_expired": N_("The deadline passed without a decision"),
    "draft_edited": N_("A draft was edited"),
    "edit_verified": N_("An edit was verified"),
    "reviewer_asked": N_("Another reviewer was invited"),
    "link_renewed": N_("A new link was sent"),
    "decision_refused": N_("A form was rejected"),
    "published": N_("The approved drafts were published"),
}
EDIT_UNDONE = N_("An edit was undone")
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
