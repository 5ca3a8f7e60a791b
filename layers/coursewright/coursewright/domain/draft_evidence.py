"""A draft together with its tests, solution, evidence, certificate, hint and edits."""

from collections.abc import Iterable
from typing import Any

from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.base import Record, fingerprint, identity_content
from coursewright.domain.certificate import Certificate, build_certificate
from coursewright.domain.edit import Edit, Parts, current_edit
from coursewright.domain.errors import DraftMissing
from coursewright.domain.evidence import VERIFIER_VERSION, Evidence, Finding, RepairTarget, Verdict
from coursewright.domain.review import ReviewedDraft
from coursewright.domain.verification import Verification

MAX_DIFF_WORDS = 2_000  # per text; the time grows with their square


class DraftEvidence(Record):
    """A draft, its newest parts, verification, certificate and hint; anything missing is None."""

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
        """The edit that is now in effect, or None if it is the model's own version."""
        return current_edit(self.edits)

    @property
    def is_unchecked(self) -> bool:
        """Whether the draft is a reviewer's version that the sandbox has not checked yet."""
        return self.edit is not None and self.edit.check is None

    @property
    def parts(self) -> Parts:
        """The current version of the parts that a reviewer may change."""
        return Parts(
            **self.draft.model_dump(include={"name", "text", "code", "schema_sql"}),
            tests=self.tests.tests if self.tests else "",
            datasets=self.tests.datasets if self.tests else (),
            solution=self.solution.code if self.solution else "",
        )

    @property
    def is_verified(self) -> bool:
        """Whether the draft passed verification."""
        return self.verification is not None and self.verification.verdict is Verdict.VERIFIED

    @property
    def evidence(self) -> Evidence | None:
        """The evidence, if the draft was checked."""
        return self.verification.evidence if self.verification else None

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """The doubts about the draft, including those from comparisons once it is certified."""
        if self.certificate is not None:
            return self.certificate.doubts
        return self.evidence.doubts if self.evidence else ()

    @property
    def is_outdated(self) -> bool:
        """Whether the draft was checked by a version of the verifier other than the current one."""
        return self.evidence is not None and self.evidence.verifier_version != VERIFIER_VERSION

    @property
    def blocking_doubts(self) -> tuple[Finding, ...]:
        """The doubts that a reviewer must confirm before the draft can be published."""
        return tuple(doubt for doubt in self.doubts if doubt.blocking)

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


def apply_edits(evidence: DraftEvidence, edits: tuple[Edit, ...]) -> DraftEvidence:
    """Replace a draft with its current edited version, along with that version's own evidence."""
    own = tuple(edit for edit in edits if edit.draft == evidence.draft.draft)
    if not own:
        return evidence
    with_edits = evidence.model_copy(update={"original": evidence.parts, "edits": own})
    edit = current_edit(own)
    if edit is None or edit.parts is None:
        return with_edits
    return with_edits.model_copy(
        update=_parts(evidence, edit, edit.parts) | _findings(evidence, edit)
    )


def edited_texts(drafts: Iterable[DraftEvidence]) -> dict[str, tuple[str, str]]:
    """Return the text before and after for each draft that a reviewer changed."""
    changed = (evidence for evidence in drafts if evidence.edit is not None)
    return {
        evidence.draft.draft: (
            _comparable_text(evidence.original),
            _comparable_text(evidence.parts),
        )
        for evidence in changed
        if evidence.original
    }


def _comparable_text(parts: Parts) -> str:
    return " ".join(" ".join(parts.as_texts().values()).split()[:MAX_DIFF_WORDS])


def _parts(evidence: DraftEvidence, edit: Edit, parts: Parts) -> dict[str, Any]:
    """Return the reviewer's parts; a reviewer may have written what a model left out."""
    draft, authorship = evidence.draft.draft, evidence.draft.authorship
    tests = evidence.tests or DraftTests(
        draft=draft,
        attempt=0,
        tests="",
        datasets=(),
        ordered=False,
        requirements=(),
        authorship=authorship,
    )
    solution = evidence.solution or DraftSolution(
        draft=draft, attempt=0, code="", explanation="", authorship=authorship
    )
    of_draft = parts.model_dump(include={"name", "text", "code", "schema_sql"})
    of_draft["removed"] = edit.removed
    return {
        "draft": evidence.draft.model_copy(update=of_draft),
        "tests": tests.model_copy(update={"tests": parts.tests, "datasets": parts.datasets}),
        "solution": solution.model_copy(update={"code": parts.solution}),
    }


def _findings(evidence: DraftEvidence, edit: Edit) -> dict[str, Any]:
    if edit.check is None:
        return {"verification": None, "certificate": None}
    attempt = evidence.verification.attempt if evidence.verification else 0
    verification = Verification(
        draft=evidence.draft.draft,
        attempt=attempt,
        verdict=Verdict.VERIFIED if edit.check.is_verified else Verdict.REJECTED,
        repair=RepairTarget.NONE,
        tests_attempt=evidence.tests.attempt if evidence.tests else 0,
        solution_attempt=evidence.solution.attempt if evidence.solution else 0,
        evidence=edit.check.evidence,
    )
    certificate = build_certificate(evidence.draft.draft, verification)
    return {
        "verification": verification,
        "certificate": certificate.model_copy(update={"independent": False}),
    }


def to_reviewed_draft(evidence: DraftEvidence) -> ReviewedDraft:
    """Return the draft as recorded in a review, bound to everything the page shows about it."""
    return ReviewedDraft(
        draft=evidence.draft.draft,
        verified=evidence.is_verified,
        content_sha256=fingerprint(identity_content(evidence)),
        blocking_doubts=tuple(doubt.code for doubt in evidence.blocking_doubts),
    )
