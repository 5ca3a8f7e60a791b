"""What a review page shows, gathered before anything is rendered."""

from coursewright.domain.assignment import Draft
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow, with_decision
from coursewright.domain.records import Record
from coursewright.domain.review import MOST_ROUNDS, Decision, RejectedDraft, Review
from coursewright.steps.draft_evidence import DraftEvidence


class Problem(Record):
    """Why a submission was not recorded; `name` is the error's."""

    name: str
    detail: str = ""


class Kept(Record):
    """What a reviewer had entered, so that a refused submission loses nothing."""

    decision: str = ""
    approved: tuple[str, ...] = ()
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """Give the reason for each rejected draft."""
        return {one.draft: one.reason for one in self.rejected}


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
    lesson: str = ""
    before: tuple[DraftEvidence, ...] = ()
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

    def place_of(self, draft: Draft) -> str:
        """Give the name by which links on the page find a draft."""
        return f"d{self.number_of(draft)}"

    def number_of(self, draft: Draft) -> int:
        """Give the place of a draft on the page."""
        return next(at for at, one in enumerate(self.drafts, 1) if one.draft.draft == draft.draft)

    def before_of(self, draft: Draft) -> DraftEvidence | None:
        """Give what the same model wrote for the same task in the round before."""
        same = (one for one in self.before if one.draft.model == draft.model)
        return next((one for one in same if one.draft.number == draft.number), None)

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
