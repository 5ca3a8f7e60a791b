"""Builds a review of drafts about which there are doubts."""

from coursewright.domain.evidence import Finding, FindingCode
from coursewright.verification.rejections import doubt
from tests.fakes.memory_review import MemoryVerifications
from tests.unit.review.builders import (
    GENERATION,
    GOOD_EVIDENCE,
    MODELS,
    ReviewHarness,
    draft,
    stored,
    verification,
)

FIRST, SECOND = f"{MODELS[0]}/r1/d1", f"{MODELS[1]}/r1/d1"
REMARK = doubt(FindingCode.NO_REQUIREMENTS)
QUESTION = doubt(FindingCode.AMBIGUOUS, blocking=True, models=("openai:model-b",))


def doubted(*findings: Finding, **changes: object) -> ReviewHarness:
    """Return an open review of two verified drafts, the first of which has the given doubts."""
    drafts = (draft(MODELS[0], 1), draft(MODELS[1], 1, "<p>Something else entirely.</p>"))
    good = [verification(each, good=True) for each in drafts]
    evidence = GOOD_EVIDENCE.model_copy(update={"doubts": findings} | changes)
    good[0] = good[0].model_copy(update={"evidence": evidence})
    harness = ReviewHarness()
    harness.drafts = stored(drafts)
    harness.verifications = MemoryVerifications((GENERATION, each) for each in good)
    harness.open().request()
    return harness
