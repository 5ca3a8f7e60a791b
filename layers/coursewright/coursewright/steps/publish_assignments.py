"""Publishes the approved drafts as assignments under one publication id."""

from dataclasses import dataclass
from typing import Any

from coursewright.domain.assignment import Assignment, assignment_id
from coursewright.domain.base import Record, fingerprint
from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.errors import ReviewChanged
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.review import Review, hash_shown_drafts
from coursewright.markup.sanitise import clean_html
from coursewright.ports.agents import Drafts
from coursewright.ports.assignments import Assignments
from coursewright.ports.generations import Clock, Generations
from coursewright.ports.reviews import Audit, Reviews
from coursewright.ports.verification import Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence


class PublishTask(Record):
    """The input of the step."""

    generation: str
    round: int
    review: str


@dataclass(frozen=True)
class PublishAssignmentsDeps:
    """Dependencies of `publish_assignments`."""

    generations: Generations
    drafts: Drafts
    verifications: Verifications
    reviews: Reviews
    assignments: Assignments
    audit: Audit
    clock: Clock


def publish_assignments(task: PublishTask, *, deps: PublishAssignmentsDeps) -> dict[str, Any]:
    """Publish the approved drafts in one transaction and return the event's detail.

    Raises: ReviewChanged if the drafts differ from those shown to the reviewer.
    """
    review = deps.reviews.get(task.review)
    request = deps.generations.get(task.generation).request
    drafts = drafts_with_evidence(
        task.generation,
        task.round,
        drafts=deps.drafts,
        verifications=deps.verifications,
        edits=deps.reviews.edits(review),
    )
    if hash_shown_drafts(tuple(map(to_reviewed_draft, drafts))) != review.shown_sha256:
        raise ReviewChanged(f"{task.review}: the drafts changed after they were shown")
    approved = tuple(
        _assignment(draft, request, review) for draft in drafts if _is_approved(draft, review)
    )
    deps.assignments.publish(task.generation, approved)
    publication = fingerprint([task.generation, task.round])[:16]
    place = deps.assignments.save_bundle(publication, approved)
    facts = {
        "publication": publication,
        "assignments": [each.assignment for each in approved],
        "verifier_versions": sorted({each.evidence.verifier_version for each in approved}),
    }
    decided_at = review.decided_at or deps.clock.now()
    deps.audit.add(task.generation, "published", facts, now=decided_at)
    return {
        "publication_id": publication,
        "generation": task.generation,
        "course": request.course.model_dump(),
        "module": request.module.model_dump(),
        "assignments": [_summary(assignment) for assignment in approved],
        "s3": {"bucket": place.bucket, "key": place.key},
    }


def _is_approved(draft: DraftEvidence, review: Review) -> bool:
    return draft.draft.draft in review.approved


def _summary(assignment: Assignment) -> dict[str, Any]:
    names = {"assignment", "name", "kind", "difficulty", "file_name", "model"}
    return assignment.model_dump(mode="json", include=names)


def _assignment(evidence: DraftEvidence, request: GenerationRequest, review: Review) -> Assignment:
    draft = evidence.draft
    tests, solution = evidence.require_tests(), evidence.require_solution()
    shared = {"name", "code", "file_name", "difficulty", "concepts", "schema_sql", "kind"}
    return Assignment(
        assignment=assignment_id(draft.generation, draft.draft),
        course=request.course.id,
        module=request.module.id,
        generation=draft.generation,
        draft=draft.draft,
        model=draft.model,
        language=request.brief.language,
        tests=tests.tests,
        datasets=tests.datasets,
        ordered=tests.ordered,
        requirements=tests.requirements,
        solution=solution.code,
        explanation=solution.explanation,
        hint=evidence.hint.hint if evidence.hint else "",
        text=clean_html(draft.text),
        evidence=evidence.require_evidence(),
        certificate=evidence.certificate,
        confirmed_doubts=review.confirmed_doubts.get(draft.draft, ()),
        prompt_set=draft.authorship.prompt_set,
        approved_by=review.decided_by,
        approved_at=review.decided_at.isoformat() if review.decided_at else "",
        **draft.model_dump(include=shared),
    )
