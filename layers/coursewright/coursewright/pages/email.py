"""Renders the mail that asks for a review, in the language of the brief."""

from itertools import groupby
from urllib.parse import quote

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.email import Mail
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow
from coursewright.domain.review import Review
from coursewright.markup import formatting
from coursewright.markup.i18n import _, ngettext, speaking
from coursewright.pages.render import rendered


class Invitation(Record):
    """What the mails of one reminder have in common; its words are said while it is rendered."""

    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    reminder: int
    public_url: str
    is_fresh: bool = False  # asked for by somebody whose earlier link no longer works

    @property
    def subject(self) -> str:
        """The subject, in one line whatever a title contains."""
        placeholders = {
            "module": self.request.module.title,
            "course": self.request.course.title,
            "drafts": formatting.count(len(self.drafts), "draft"),
            "day": formatting.day(self.review.expires_at),
        }
        if self.is_fresh:
            subject = _("New link: %(module)s (%(course)s), %(drafts)s, by %(day)s", **placeholders)
        elif self.reminder:
            subject = _("Reminder: %(module)s (%(course)s), %(drafts)s, by %(day)s", **placeholders)
        else:
            subject = _("Review: %(module)s (%(course)s), %(drafts)s, by %(day)s", **placeholders)
        return " ".join(subject.split())

    @property
    def stop_subject(self) -> str:
        """The subject of the mail that stops reminders; a first mail cannot be stopped."""
        if not self.reminder:
            return ""
        placeholders = {"generation": self.review.generation, "round": self.review.round}
        return _("Stop reminders for %(generation)s, round %(round)s", **placeholders)

    @property
    def where(self) -> str:
        """The course, and the round where it is not the first."""
        course = self.request.course.title
        if self.review.round == 1:
            return course
        return _("%(course)s · round %(round)s", course=course, round=self.review.round)

    @property
    def heading(self) -> str:
        """The module and how much there is to read."""
        return ngettext(
            "%(module)s: %(num)s draft to review",
            "%(module)s: %(num)s drafts to review",
            len(self.drafts),
            module=self.request.module.title,
        )

    @property
    def preview(self) -> str:
        """What a list of mails shows beside the subject."""
        return _("Please decide by %(moment)s.", moment=formatting.moment(self.review.expires_at))

    @property
    def news(self) -> str:
        """Say why this mail comes, where it is not the first."""
        if self.is_fresh:
            return _("Here are the new link and code you requested. Earlier ones no longer work.")
        return _("This is a reminder: no decision has been made yet.") if self.reminder else ""

    @property
    def asked(self) -> str:
        """Say what is asked."""
        return _(
            "Please review the drafts (verified: %(verified)s of %(drafts)s). You can approve "
            "drafts for publication, request changes, or reject them all. Nothing is published "
            "without your decision.",
            verified=sum(one.is_verified for one in self.drafts),
            drafts=len(self.drafts),
        )

    @property
    def warning(self) -> str:
        """Say that the lesson tries to give orders."""
        return _("Caution: part of the lesson reads like an instruction to a language model.")

    @property
    def tasks(self) -> tuple[tuple[int, tuple[DraftEvidence, ...]], ...]:
        """The drafts by task."""
        by_task = groupby(self.drafts, key=lambda one: one.draft.number)
        return tuple((number, tuple(drafts)) for number, drafts in by_task)

    @property
    def cost_line(self) -> str:
        """Say what the round cost, and what of it is not known."""
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
    def fresh_link(self) -> str:
        """Say how to get a fresh link."""
        return _(
            "If the link no longer works, open it anyway: the page explains why and lets you "
            "request a new one, which is sent to this address."
        )

    @property
    def farewell(self) -> str:
        """Say what to keep to oneself, and who helps."""
        return _(
            "The link and the code are for you only; please do not forward this email. If "
            "something does not work, reply to this email and the course team will help."
        )


def invitation_mail(invitation: Invitation, address: str, *, signed: str, code: str) -> Mail:
    """Write one reviewer's mail; nobody else's link or code is in it."""
    placeholders: dict[str, object] = {
        "mail": invitation,
        "url": f"{invitation.public_url.rstrip('/')}/r/{quote(signed)}",
        "code": code,
    }
    with speaking(invitation.request.brief.language):
        return Mail(
            recipient=address,
            subject=invitation.subject,
            text=rendered("mail.txt", **placeholders),
            html=rendered("mail.html", **placeholders),
            stop_subject=invitation.stop_subject,
        )
