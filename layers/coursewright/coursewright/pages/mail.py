"""Renders the mail that asks for a review."""

from urllib.parse import quote

from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow
from coursewright.domain.mail import Mail
from coursewright.domain.records import Record
from coursewright.domain.review import Review
from coursewright.pages import words
from coursewright.pages.render import rendered
from coursewright.steps.draft_evidence import DraftEvidence


class Invitation(Record):
    """What the mails of one reminder have in common."""

    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    reminder: int
    public_url: str

    @property
    def subject(self) -> str:
        """Give the subject, in one line whatever a title contains."""
        course, module = self.request.course.title, self.request.module.title
        drafts = words.count(len(self.drafts), "draft")
        kind = "Reminder" if self.reminder else "Review"
        by = words.day(self.review.expires_at)
        return " ".join(f"{kind}: {module} ({course}), {drafts}, by {by}".split())

    @property
    def cost(self) -> str:
        """Say what the round cost, and what of it is not known."""
        costs = [row.cost_micros for row in self.league]
        known = [cost for cost in costs if cost is not None]
        if not known:
            return "an unknown amount"
        unknown = len(costs) - len(known)
        more = f" without {words.count(unknown, 'model')} whose price is unknown"
        return words.money(sum(known)) + (more if unknown else "")


def invitation_mail(invitation: Invitation, address: str, *, signed: str, code: str) -> Mail:
    """Write one reviewer's mail; nobody else's link or code is in it."""
    gaps: dict[str, object] = {
        "mail": invitation,
        "url": f"{invitation.public_url.rstrip('/')}/r/{quote(signed)}",
        "code": code,
        "verified": sum(one.is_verified for one in invitation.drafts),
    }
    return Mail(
        recipient=address,
        subject=invitation.subject,
        text=rendered("mail.txt", **gaps),
        html=rendered("mail.html", **gaps),
    )
