"""What a person approved becomes assignments, under one publication id."""

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
    """What publishing reads and writes."""

    generations: Generations
    drafts: Drafts
    verifications: Verifications
    reviews: Reviews
    assignments: Assignments
    audit: Audit
    clock: Clock


def publish_assignments(task: PublishTask, *, deps: PublishAssignmentsDeps) -> dict[str, Any]:
    """Publish the approved drafts in one transaction and give the event's detail.

    Raises: ReviewChanged if the drafts are not those that were shown.
    """
    review = deps.reviews.get(task.review)
    request = deps.generations.get(task.generation).request
    whole = drafts_with_evidence(
        task.generation,
        task.round,
        drafts=deps.drafts,
        verifications=deps.verifications,
        edits=deps.reviews.edits(review),
    )
    if hash_shown_drafts(tuple(to_reviewed_draft(one) for one in whole)) != review.shown_sha256:
        raise ReviewChanged(f"{task.review}: the drafts changed after they were shown")
    approved = tuple(_assignment(one, request, review) for one in whole if _is_in(one, review))
    deps.assignments.publish(task.generation, approved)
    publication = fingerprint([task.generation, task.round])[:16]
    place = deps.assignments.save_bundle(publication, approved)
    facts = {"publication": publication, "assignments": [one.assignment for one in approved]}
    decided_at = review.decided_at or deps.clock.now()
    deps.audit.add(task.generation, "published", facts, now=decided_at)
    return {
        "publication_id": publication,
        "generation": task.generation,
        "course": request.course.model_dump(),
        "module": request.module.model_dump(),
        "assignments": [_line(one) for one in approved],
        "s3": {"bucket": place.bucket, "key": place.key},
    }


def _is_in(one: DraftEvidence, review: Review) -> bool:
    return one.draft.draft in review.approved


def _line(one: Assignment) -> dict[str, Any]:
    names = {"assignment", "name", "kind", "difficulty", "file_name", "model"}
    return one.model_dump(mode="json", include=names)


def _assignment(one: DraftEvidence, request: GenerationRequest, review: Review) -> Assignment:
    draft, tests, solution = one.draft, one.require_tests(), one.require_solution()
    shared = {"name", "code", "file_name", "difficulty", "concepts", "schema_sql", "kind"}
    return Assignment(
        assignment=assignment_id(draft.generation, draft.draft),
        course=request.course.id,
        module=request.module.id,
        generation=draft.generation,
        draft=draft.draft,
        model=draft.model,
        tests=tests.tests,
        datasets=tests.datasets,
        ordered=tests.ordered,
        requirements=tests.requirements,
        solution=solution.code,
        explanation=solution.explanation,
        hint=one.hint.hint if one.hint else "",
        text=clean_html(draft.text),
        evidence=one.require_evidence(),
        certificate=one.certificate,
        prompt_set=draft.authorship.prompt_set,
        approved_by=review.decided_by,
        approved_at=review.decided_at.isoformat() if review.decided_at else "",
        **draft.model_dump(include=shared),
    )
