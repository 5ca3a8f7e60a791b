"""A draft with everything that was written and found out about it."""

from collections.abc import Iterable
from typing import Any

from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.base import Record, fingerprint, identity_content
from coursewright.domain.certificate import Certificate, certificate_of
from coursewright.domain.edit import Edit, Parts, current_edit
from coursewright.domain.errors import DraftMissing
from coursewright.domain.evidence import Evidence, RepairTarget, Verdict
from coursewright.domain.review import ReviewedDraft
from coursewright.domain.verification import Verification

MAX_DIFF_WORDS = 2_000  # that are compared; the time grows with their square


class DraftEvidence(Record):
    """A draft, its newest parts, verification, certificate and hint; what is missing is None."""

    draft: Draft
    tests: DraftTests | None
    solution: DraftSolution | None
    verification: Verification | None
    certificate: Certificate | None = None
    hint: DraftHint | None = None
    original: Parts | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def edit(self) -> Edit | None:
        """The reviewers' version that counts, or None where it is the model's own."""
        return current_edit(self.edits)

    @property
    def is_unchecked(self) -> bool:
        """Whether the sandbox has not answered about a reviewer's version."""
        return self.edit is not None and self.edit.check is None

    @property
    def parts(self) -> Parts:
        """What a reviewer may change, as it now is."""
        return Parts(
            **self.draft.model_dump(include={"name", "text", "code", "schema_sql"}),
            tests=self.tests.tests if self.tests else "",
            datasets=self.tests.datasets if self.tests else (),
            solution=self.solution.code if self.solution else "",
        )

    @property
    def is_verified(self) -> bool:
        """Whether the sandbox proved the draft."""
        return self.verification is not None and self.verification.verdict is Verdict.VERIFIED

    @property
    def evidence(self) -> Evidence | None:
        """The evidence, if the draft was checked."""
        return self.verification.evidence if self.verification else None

    def require_evidence(self) -> Evidence:
        """Return the evidence. Raises: DraftMissing."""
        if self.evidence is None:
            raise DraftMissing(f"{self.draft.draft} was not checked")
        return self.evidence

    def require_tests(self) -> DraftTests:
        """Return the tests. Raises: DraftMissing."""
        if self.tests is None:
            raise DraftMissing(f"{self.draft.draft} has no tests")
        return self.tests

    def require_solution(self) -> DraftSolution:
        """Return the solution. Raises: DraftMissing."""
        if self.solution is None:
            raise DraftMissing(f"{self.draft.draft} has no solution")
        return self.solution


def apply_edits(one: DraftEvidence, edits: tuple[Edit, ...]) -> DraftEvidence:
    """Put the reviewers' version in a draft's place; it needs evidence of its own."""
    own = tuple(edit for edit in edits if edit.draft == one.draft.draft)
    if not own:
        return one
    kept = one.model_copy(update={"original": one.parts, "edits": own})
    edit = current_edit(own)
    if edit is None or edit.parts is None:
        return kept
    return kept.model_copy(update=_parts(one, edit.parts) | _findings(one, edit))


def edited_texts(drafts: Iterable[DraftEvidence]) -> dict[str, tuple[str, str]]:
    """Give, for each draft that a reviewer changed, its text before and after."""
    changed = (one for one in drafts if one.edit is not None)
    return {
        one.draft.draft: (_words(one.original), _words(one.parts))
        for one in changed
        if one.original
    }


def _words(parts: Parts) -> str:
    return " ".join(" ".join(parts.as_texts().values()).split()[:MAX_DIFF_WORDS])


def _parts(one: DraftEvidence, parts: Parts) -> dict[str, Any]:
    """What a model left out, a reviewer may have written."""
    draft, authorship = one.draft.draft, one.draft.authorship
    tests = one.tests or DraftTests(
        draft=draft,
        attempt=0,
        tests="",
        datasets=(),
        ordered=False,
        requirements=(),
        authorship=authorship,
    )
    solution = one.solution or DraftSolution(
        draft=draft, attempt=0, code="", explanation="", authorship=authorship
    )
    of_draft = parts.model_dump(include={"name", "text", "code", "schema_sql"})
    return {
        "draft": one.draft.model_copy(update=of_draft),
        "tests": tests.model_copy(update={"tests": parts.tests, "datasets": parts.datasets}),
        "solution": solution.model_copy(update={"code": parts.solution}),
    }


def _findings(one: DraftEvidence, edit: Edit) -> dict[str, Any]:
    if edit.check is None:
        return {"verification": None, "certificate": None}
    attempt = one.verification.attempt if one.verification else 0
    verification = Verification(
        draft=one.draft.draft,
        attempt=attempt,
        verdict=Verdict.VERIFIED if edit.check.is_verified else Verdict.REJECTED,
        repair=RepairTarget.NONE,
        tests_attempt=one.tests.attempt if one.tests else 0,
        solution_attempt=one.solution.attempt if one.solution else 0,
        evidence=edit.check.evidence,
    )
    certificate = certificate_of(one.draft.draft, verification)
    return {
        "verification": verification,
        "certificate": certificate.model_copy(update={"independent": False}),
    }


def to_reviewed_draft(one: DraftEvidence) -> ReviewedDraft:
    """Return the draft's place in a review, bound to everything that the page shows of it."""
    return ReviewedDraft(
        draft=one.draft.draft,
        verified=one.is_verified,
        content_sha256=fingerprint(identity_content(one)),
    )
