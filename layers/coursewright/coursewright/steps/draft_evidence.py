"""Reads a round's drafts with their tests, solutions, evidence, certificates and hints."""

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
    """Return a round's drafts with reviewers' edits, sorted by task number, then model."""
    newest: dict[str, Verification] = {}
    for each in sorted(verifications.of_round(generation, round_number), key=lambda v: v.attempt):
        newest[each.draft] = each

    certificates = {c.draft: c for c in verifications.certificates(generation, round_number)}
    tests = drafts.tests_of_round(generation, round_number)
    solutions = drafts.solutions_of_round(generation, round_number)
    hints = {hint.draft: hint for hint in drafts.hints_of_round(generation, round_number)}

    def with_evidence(draft: Draft) -> DraftEvidence:
        verification = newest.get(draft.draft)
        attempt = verification.attempt if verification else MAX_REPAIRS
        return DraftEvidence(
            draft=draft,
            tests=_latest(tests, draft.draft, attempt),
            solution=_latest(solutions, draft.draft, attempt),
            verification=verification,
            certificate=certificates.get(draft.draft),
            hint=hints.get(draft.draft),
        )

    unedited = map(with_evidence, drafts.of_round(generation, round_number))
    return tuple(apply_edits(draft, edits) for draft in unedited)


def _latest[Part: (DraftTests, DraftSolution)](
    written: Iterable[Part], draft: str, attempt: int
) -> Part | None:
    own = (part for part in written if part.draft == draft and part.attempt <= attempt)
    return max(own, key=lambda part: part.attempt, default=None)
