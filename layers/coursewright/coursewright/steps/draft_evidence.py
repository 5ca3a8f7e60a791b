"""A round's drafts with all that was written and found out about them."""

from typing import Any

from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.certificate import Certificate
from coursewright.domain.errors import DraftMissing
from coursewright.domain.records import Record, content_of, fingerprint
from coursewright.domain.review import ReviewedDraft
from coursewright.domain.verification import MOST_REPAIRS, Verdict, Verification
from coursewright.ports import Drafts, Verifications


class DraftEvidence(Record):
    """A draft, its newest parts, verification, certificate and hint; what is missing is None."""

    draft: Draft
    tests: DraftTests | None
    solution: DraftSolution | None
    verification: Verification | None
    certificate: Certificate | None = None
    hint: DraftHint | None = None

    @property
    def is_verified(self) -> bool:
        """Say whether the sandbox proved the draft."""
        return self.verification is not None and self.verification.verdict is Verdict.VERIFIED

    @property
    def evidence(self) -> dict[str, Any]:
        """Give what the sandbox found out."""
        return self.verification.evidence if self.verification else {}

    def require_tests(self) -> DraftTests:
        """Give the tests. Raises: DraftMissing."""
        if self.tests is None:
            raise DraftMissing(f"{self.draft.draft} has no tests")
        return self.tests

    def require_solution(self) -> DraftSolution:
        """Give the solution. Raises: DraftMissing."""
        if self.solution is None:
            raise DraftMissing(f"{self.draft.draft} has no solution")
        return self.solution


def drafts_with_evidence(
    generation: str, round_number: int, *, drafts: Drafts, verifications: Verifications
) -> tuple[DraftEvidence, ...]:
    """Give a round's drafts by task number, then model."""
    newest: dict[str, Verification] = {}
    for one in sorted(verifications.of_round(generation, round_number), key=lambda v: v.attempt):
        newest[one.draft] = one

    sealed = verifications.certificates(generation, round_number)
    certificates = {one.draft: one for one in sealed}

    def whole(draft: Draft) -> DraftEvidence:
        found = newest.get(draft.draft)
        attempt = found.attempt if found else MOST_REPAIRS
        return DraftEvidence(
            draft=draft,
            tests=drafts.latest_tests(generation, draft.draft, attempt=attempt),
            solution=drafts.latest_solution(generation, draft.draft, attempt=attempt),
            verification=found,
            certificate=certificates.get(draft.draft),
            hint=drafts.hint(generation, draft.draft),
        )

    return tuple(whole(draft) for draft in drafts.of_round(generation, round_number))


def reviewed_draft(one: DraftEvidence) -> ReviewedDraft:
    """Bind a draft's place in a review to everything that the page shows of it."""
    return ReviewedDraft(
        draft=one.draft.draft,
        verified=one.is_verified,
        content_sha256=fingerprint(content_of(one)),
    )
