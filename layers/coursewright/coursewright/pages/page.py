"""What a review page shows, gathered before anything is rendered."""

from coursewright.domain.assignment import Draft
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow, with_decision
from coursewright.domain.records import Record
from coursewright.domain.review import MOST_ROUNDS, Decision, Review
from coursewright.steps.draft_evidence import DraftEvidence


class Problem(Record):
    """Why a submission was not recorded; `name` is the error's."""

    name: str
    detail: str = ""


class Kept(Record):
    """What a reviewer had entered, so that a refused submission loses nothing."""

    decision: str = ""
    approved: tuple[str, ...] = ()
    notes: str = ""


class ReviewPage(Record):
    """One review as one reviewer sees it."""

    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    reviewer: str
    csrf: str
    shown: str
    earlier_notes: str
    closed_as: str
    problem: Problem | None = None
    kept: Kept = Kept()

    @property
    def is_open(self) -> bool:
        """Say whether a decision is still possible."""
        return not self.closed_as

    @property
    def is_last_round(self) -> bool:
        """Say whether a request for changes would end the generation."""
        return self.review.round >= MOST_ROUNDS

    @property
    def compared(self) -> tuple[LeagueRow, ...]:
        """Give the league, with what was decided once that is known."""
        if not self.is_decided:
            return self.league
        shown = [one.draft for one in self.review.drafts if one.verified]
        return tuple(with_decision(row, shown, self.review.approved) for row in self.league)

    def cost_of(self, draft: Draft) -> int | None:
        """Give what a draft cost, or None where its model's price is unknown."""
        rows = (row for row in self.league if row.model == draft.model)
        return next((row.cost_of(draft.draft) for row in rows), None)

    @property
    def is_decided(self) -> bool:
        """Say whether a person has decided."""
        return self.review.decision not in (Decision.PENDING, Decision.EXPIRED)


class Entrance(Record):
    """A valid link: where it leads, and the session that it opens."""

    review: str
    location: str
    session: str
    seconds: int


class Recorded(Record):
    """A decision that is in the table: the page that tells of it."""

    location: str
