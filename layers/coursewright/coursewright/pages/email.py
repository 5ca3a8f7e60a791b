"""Renders the email that invites a reviewer, in the language of the brief."""

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.email import Email
from coursewright.domain.invitation import Invitation
from coursewright.markup import formatting
from coursewright.markup.i18n import _, ngettext, use_language
from coursewright.pages.templating import render_template


@dataclass(frozen=True)
class InvitationText:
    """The sentences of an invitation, in the language active at the time of access."""

    invitation: Invitation

    @property
    def module(self) -> str:
        """The module's title, which never becomes a link."""
        return formatting.unlinked(self.invitation.request.module.title)

    @property
    def course(self) -> str:
        """The course's title, which never becomes a link."""
        return formatting.unlinked(self.invitation.request.course.title)

    @property
    def subject(self) -> str:
        """The subject, on one line even if a title contains line breaks."""
        placeholders = {
            "module": self.module,
            "course": self.course,
            "drafts": formatting.count(len(self.invitation.drafts), "draft"),
            "day": formatting.day(self.invitation.review.expires_at),
        }
        if self.invitation.has_new_link:
            subject = _(
                "New link: %(module)s (%(course)s), %(drafts)s, due %(day)s", **placeholders
            )
        elif self.invitation.reminder:
            subject = _(
                "Reminder: %(module)s (%(course)s), %(drafts)s, due %(day)s", **placeholders
            )
        else:
            subject = _("Review: %(module)s (%(course)s), %(drafts)s, due %(day)s", **placeholders)
        return " ".join(subject.split())

    @property
    def stop_subject(self) -> str:
        """The subject of the reply that stops reminders; empty for the first email."""
        if not self.invitation.reminder:
            return ""
        review = self.invitation.review
        placeholders = {"generation": review.generation, "round": review.round}
        return _("Stop reminders for %(generation)s, round %(round)s", **placeholders)

    @property
    def context_line(self) -> str:
        """The course, with the round unless it is the first."""
        if self.invitation.review.round == 1:
            return self.course
        number = self.invitation.review.round
        return _("%(course)s · round %(round)s", course=self.course, round=number)

    @property
    def heading(self) -> str:
        """The module and the number of drafts."""
        return ngettext(
            "%(module)s: %(num)s draft to review",
            "%(module)s: %(num)s drafts to review",
            len(self.invitation.drafts),
            module=self.module,
        )

    @property
    def preview(self) -> str:
        """The preview text that email clients show next to the subject."""
        moment = formatting.moment(self.invitation.review.expires_at)
        return _("Please decide by %(moment)s.", moment=moment)

    @property
    def reason_line(self) -> str:
        """The reason why this email was sent; empty for the first one."""
        if self.invitation.has_new_link:
            return _("Here are the new link and code you requested. Earlier ones no longer work.")
        return (
            _("This is a reminder: no decision has been made yet.")
            if self.invitation.reminder
            else ""
        )

    @property
    def request_line(self) -> str:
        """The request to the reviewer, with the number of drafts about which there are doubts."""
        request = _(
            "Please review the drafts (verified: %(verified)s of %(drafts)s). You can approve "
            "drafts for publication, request changes, or reject them all. Nothing is published "
            "without your decision.",
            verified=sum(draft.is_verified for draft in self.invitation.drafts),
            drafts=len(self.invitation.drafts),
        )
        doubtful = sum(draft.is_verified and bool(draft.doubts) for draft in self.invitation.drafts)
        if not doubtful:
            return request
        doubts = ngettext(
            "There are doubts about %(num)s verified draft.",
            "There are doubts about %(num)s verified drafts.",
            doubtful,
        )
        return f"{request} {doubts}"

    @property
    def injection_warning(self) -> str:
        """The warning that the lesson contains instructions to a language model."""
        return _("Caution: part of the lesson reads like an instruction to a language model.")

    @property
    def tasks(self) -> tuple[tuple[int, tuple[DraftEvidence, ...]], ...]:
        """The drafts grouped by task number."""
        by_task = groupby(self.invitation.drafts, key=lambda draft: draft.draft.number)
        return tuple((number, tuple(drafts)) for number, drafts in by_task)

    @property
    def cost_line(self) -> str:
        """The cost of the round, with the number of models whose price is unknown."""
        costs = [row.cost_micros for row in self.invitation.league]
        known = [cost for cost in costs if cost is not None]
        if not known:
            return _("The cost of this round is unknown.")
        money = formatting.money(sum(known))
        if len(known) == len(costs):
            return _("This round cost %(money)s.", money=money)
        return ngettext(
            "This round cost %(money)s, not counting %(num)s model whose price is unknown.",
            "This round cost %(money)s, not counting %(num)s models whose price is unknown.",
            len(costs) - len(known),
            money=money,
        )

    @property
    def new_link_line(self) -> str:
        """Instructions for requesting a new link."""
        return _(
            "If the link no longer works, open it anyway: the page explains why and lets you "
            "request a new one, which is sent to this address."
        )

    @property
    def closing_line(self) -> str:
        """The request not to forward the email, with a contact for help."""
        return _(
            "The link and the code are for you only; please do not forward this email. If "
            "something does not work, reply to this email and the course team will help."
        )


def render_invitation(invitation: Invitation) -> Email:
    """Return the email with one reviewer's link and code."""
    text = InvitationText(invitation)
    placeholders: dict[str, object] = {
        "email": text,
        "invitation": invitation,
        "url": f"{invitation.public_url.rstrip('/')}/r/{quote(invitation.signed_link)}",
        "code": invitation.code,
    }
    with use_language(invitation.request.brief.language):
        return Email(
            recipient=invitation.recipient,
            subject=text.subject,
            text=render_template("invitation_email.txt", **placeholders),
            html=render_template("invitation_email.html", **placeholders),
            stop_subject=text.stop_subject,
        )
