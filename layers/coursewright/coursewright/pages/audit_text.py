"""Says in words what the audit records by name."""

from coursewright.markup.i18n import N_, _
from coursewright.pages.view_models import AuditLine

EVENTS = {
    "review_opened": N_("The review was opened"),
    "review_decided": N_("The review was decided"),
    "review_expired": N_("Nobody decided in time"),
    "draft_edited": N_("A draft was edited"),
    "edit_verified": N_("An edit was verified anew"),
    "reviewer_asked": N_("Another reviewer was asked"),
    "link_renewed": N_("A fresh link was sent"),
    "decision_refused": N_("A form was refused"),
    "published": N_("The approved drafts were published"),
}
TAKEN_BACK = N_("An edit was taken back")
SIGN_INS = {
    "link and code": N_("the mailed link and the code"),
    "link and code, shown before": N_("the mailed link, and the code shown in this browser before"),
}


def audit_event(line: AuditLine) -> str:
    """Say what happened."""
    if line.facts.get("takes_back"):
        return _(TAKEN_BACK)
    known = EVENTS.get(line.event)
    return _(known) if known else line.event


def audit_sign_in(line: AuditLine) -> str:
    """Say how somebody showed who they are."""
    said = str(line.facts.get("signed_in", ""))
    return _(SIGN_INS[said]) if said in SIGN_INS else said
