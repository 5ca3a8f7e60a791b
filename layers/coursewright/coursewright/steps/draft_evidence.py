"""Reads a round's drafts with everything that was written and found out about them."""

from collections.abc import Iterable

from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.draft_evidence import DraftEvidence, apply_edits
from coursewright.domain.edit import Edit
from coursewright.domain.verification import MAX_REPAIRS, Verification
from coursewright.ports.agents import Drafts
from coursewright.ports.verification import Verifications


def drafts_with_evidence(
    generation: str,
    round_number: int,
    *,
    drafts: Drafts,
    verifications: Verifications,
    edits: tuple[Edit, ...] = (),
) -> tuple[DraftEvidence, ...]:
    """Return a round's drafts by task number, then model, as reviewers have edited them."""
    newest: dict[str, Verification] = {}
    for one in sorted(verifications.of_round(generation, round_number), key=lambda v: v.attempt):
        newest[one.draft] = one

    sealed = verifications.certificates(generation, round_number)
    certificates = {one.draft: one for one in sealed}
    tests = drafts.tests_of_round(generation, round_number)
    solutions = drafts.solutions_of_round(generation, round_number)
    hints = {one.draft: one for one in drafts.hints_of_round(generation, round_number)}

    def whole(draft: Draft) -> DraftEvidence:
        found = newest.get(draft.draft)
        attempt = found.attempt if found else MAX_REPAIRS
        return DraftEvidence(
            draft=draft,
            tests=_latest(tests, draft.draft, attempt),
            solution=_latest(solutions, draft.draft, attempt),
            verification=found,
            certificate=certificates.get(draft.draft),
            hint=hints.get(draft.draft),
        )

    found = (whole(draft) for draft in drafts.of_round(generation, round_number))
    return tuple(apply_edits(one, edits) for one in found)


def _latest[Part: (DraftTests, DraftSolution)](
    written: Iterable[Part], draft: str, attempt: int
) -> Part | None:
    own = (one for one in written if one.draft == draft and one.attempt <= attempt)
    return max(own, key=lambda one: one.attempt, default=None)
