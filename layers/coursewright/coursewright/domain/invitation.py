"""Rules for inviting reviewers and renewing their links, and the content of an invitation."""

from collections.abc import Callable, Sequence
from datetime import datetime

from coursewright.domain.address import parse_address
from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.errors import InvitationRefused
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import PSEUDONYM_PREFIX, Review, require_open

MAX_REVIEWERS = 8


class Invitation(Record):
    """The content of an invitation, reminder or fresh link for one reviewer."""

    recipient: str
    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    public_url: str
    signed_link: str
    code: str
    reminder: int = 0
    has_new_link: bool = False  # requested because the reviewer's earlier link had stopped working


def invited_address(text: str) -> str:
    """Return the address that a reviewer entered. Raises: InvitationRefused."""
    try:
        return parse_address(text)
    except ValueError as error:
        raise InvitationRefused(ProblemCode.ADDRESS_INVALID) from error


def with_reviewer(
    review: Review,
    address: str,
    *,
    problem: Callable[[str, Sequence[str]], ProblemCode | None],
    now: datetime,
) -> Review:
    """Add a reviewer, unless `problem` objects to the address in view of the current reviewers.

    Raises: InvitationRefused, AlreadyDecided or ReviewExpired.
    """
    require_open(review, now=now)
    present = {reviewer.lower() for reviewer in review.reviewers}
    if address.lower() in present:
        raise InvitationRefused(ProblemCode.ALREADY_INVITED)
    if len(review.reviewers) >= MAX_REVIEWERS:
        raise InvitationRefused(ProblemCode.TOO_MANY_REVIEWERS)
    known = [each for each in review.reviewers if not each.startswith(PSEUDONYM_PREFIX)]
    if refused := problem(address, known):
        raise InvitationRefused(refused, address=address)
    return review.model_copy(update={"reviewers": (*review.reviewers, address)})
