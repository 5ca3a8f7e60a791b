"""Renders the email that invites a reviewer, in the language of the brief."""

from itertools import groupby
from urllib.parse import quote

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.email import Mail
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow
from coursewright.domain.review import Review
from coursewright.markup import formatting
from coursewright.markup.i18n import _, ngettext, use_language
from coursewright.pages.render import rendered


class Invitation(Record):
    """The content shared by all reviewers' emails; the texts use the language active on access."""

    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    reminder: int
    public_url: str
    has_new_link: bool = False  # requested by a reviewer whose earlier link no longer works

    @property
    def subject(self) -> str:
        """The subject, on one line even if a title contains line breaks."""
        placeholders = {
            "module": self.request.module.title,
            "course": self.request.course.title,
            "drafts": formatting.count(len(self.drafts), "draft"),
            "day": formatting.day(self.review.expires_at),
        }
        if self.has_new_link:
            subject = _("New link: %(module)s (%(course)s), %(drafts)s, by %(day)s", **placeholders)
        elif self.reminder:
            subject = _("Reminder: %(module)s (%(course)s), %(drafts)s, by %(day)s", **placeholders)
        else:
            subject = _("Review: %(module)s (%(course)s), %(drafts)s, by %(day)s", **placeholders)
        return " ".join(subject.split())

    @property
    def stop_subject(self) -> str:
        """The subject of a reply that stops reminders, empty for the first email."""
        if not self.reminder:
            return ""
        placeholders = {"generation": self.review.generation, "round": self.review.round}
        return _("Stop reminders for %(generation)s, round %(round)s", **placeholders)

    @property
    def context_line(self) -> str:
        """The course, with the round unless it is the first."""
        course = self.request.course.title
        if self.review.round == 1:
            return course
        return _("%(course)s · round %(round)s", course=course, round=self.review.round)

    @property
    def heading(self) -> str:
        """The module and the number of drafts."""
        return ngettext(
            "%(module)s: %(num)s draft to review",
            "%(module)s: %(num)s drafts to review",
            len(self.drafts),
            module=self.request.module.title,
        )

    @property
    def preview(self) -> str:
        """The preview text that email programs show beside the subject."""
        return _("Please decide by %(moment)s.", moment=formatting.moment(self.review.expires_at))

    @property
    def reason_line(self) -> str:
        """Why this email was sent, empty for the first one."""
        if self.has_new_link:
            return _("Here are the new link and code you requested. Earlier ones no longer work.")
        return _("This is a reminder: no decision has been made yet.") if self.reminder else ""

    @property
    def request_line(self) -> str:
        """What the reviewer is asked to do."""
        return _(
            "Please review the drafts (verified: %(verified)s of %(drafts)s). You can approve "
            "drafts for publication, request changes, or reject them all. Nothing is published "
            "without your decision.",
            verified=sum(draft.is_verified for draft in self.drafts),
            drafts=len(self.drafts),
        )

    @property
    def injection_warning(self) -> str:
        """The warning that the lesson contains instructions to a language model."""
        return _("Caution: part of the lesson reads like an instruction to a language model.")

    @property
    def tasks(self) -> tuple[tuple[int, tuple[DraftEvidence, ...]], ...]:
        """The drafts grouped by task number."""
        by_task = groupby(self.drafts, key=lambda draft: draft.draft.number)
        return tuple((number, tuple(drafts)) for number, drafts in by_task)

    @property
    def cost_line(self) -> str:
        """The cost of the round, with the number of models whose price is unknown."""
        costs = [row.cost_micros for row in self.league]
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
        """How to request a new link."""
        return _(
            "If the link no longer works, open it anyway: the page explains why and lets you "
            "request a new one, which is sent to this address."
        )

    @property
    def closing_line(self) -> str:
        """The request not to forward the email, and where to get help."""
        return _(
            "The link and the code are for you only; please do not forward this email. If "
            "something does not work, reply to this email and the course team will help."
        )


def invitation_email(invitation: Invitation, address: str, *, signed: str, code: str) -> Mail:
    """Return one reviewer's email, with that reviewer's own link and code."""
    placeholders: dict[str, object] = {
        "email": invitation,
        "url": f"{invitation.public_url.rstrip('/')}/r/{quote(signed)}",
        "code": code,
    }
    with use_language(invitation.request.brief.language):
        return Mail(
            recipient=address,
            subject=invitation.subject,
            text=rendered("invitation_email.txt", **placeholders),
            html=rendered("invitation_email.html", **placeholders),
            stop_subject=invitation.stop_subject,
        )
