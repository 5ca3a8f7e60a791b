"""Closes a generation: settles the budget and stores the notes and the final status."""

from collections.abc import Iterator
from dataclasses import dataclass

from coursewright.domain.base import Record
from coursewright.domain.budget import known_price
from coursewright.domain.errors import ReviewMissing
from coursewright.domain.generation import GenerationRequest, GenerationStatus
from coursewright.domain.model_call import Agent, Price, cost_micros
from coursewright.domain.notification import Notification, NotificationKind, authoring_link
from coursewright.domain.review import CourseNote, review_id
from coursewright.observability import measure
from coursewright.ports.agents import Answers, Models
from coursewright.ports.generations import Budgets, Clock, Generations
from coursewright.ports.notifications import PublishNotification
from coursewright.ports.reviews import Reviews
from coursewright.steps.notify import notify

MAX_NOTE_CHARS = 1_000  # more than prompts quote
NOTIFICATION_KINDS = {
    GenerationStatus.PUBLISHED: NotificationKind.PUBLISHED,
    GenerationStatus.EXPIRED: NotificationKind.EXPIRED,
}


class CloseTask(Record):
    """The input of the step."""

    generation: str
    round: int
    status: GenerationStatus


@dataclass(frozen=True)
class CloseGenerationDeps:
    """Dependencies of `close_generation`."""

    generations: Generations
    answers: Answers
    models: Models
    budgets: Budgets
    reviews: Reviews
    clock: Clock
    publish_notification: PublishNotification
    pessimistic: Price
    authoring_url: str


def close_generation(task: CloseTask, *, deps: CloseGenerationDeps) -> dict[str, str]:
    """Settle the budget, store the reviewers' notes and write the final status; idempotent."""
    generation = deps.generations.get(task.generation)
    for note in _notes(task, generation.request.module.title, deps.reviews):
        deps.reviews.add_course_note(generation.request.course.id, note)
    month = generation.started_at.strftime("%Y%m")
    spent = _spent(task.generation, deps)
    deps.budgets.settle(month, task.generation, spent)
    deps.generations.close(task.generation, task.status, now=deps.clock.now())
    measure("SpentUsd", spent / 1_000_000)
    measure("".join(word.title() for word in task.status.split("_")), 1)
    if generation.status != task.status:
        _notify(task, generation.request, deps)
    return {"generation": task.generation, "status": task.status}


def _notify(task: CloseTask, request: GenerationRequest, deps: CloseGenerationDeps) -> None:
    kind = NOTIFICATION_KINDS.get(task.status)
    if kind is None:
        return
    notification = Notification(
        kind=kind,
        generation=request.generation,
        round=task.round,
        language=request.brief.language,
        course=request.course.title,
        module=request.module.title,
        **_approved(task, deps.reviews),
        link=authoring_link(deps.authoring_url, request.generation),
    )
    notify(notification, publish=deps.publish_notification)


def _approved(task: CloseTask, reviews: Reviews) -> dict[str, int]:
    try:
        review = reviews.get(review_id(task.generation, task.round))
    except ReviewMissing:
        return {}
    return {"assignments": len(review.approved), "doubtful": len(review.confirmed)}


def _spent(generation: str, deps: CloseGenerationDeps) -> int:
    calls = (call for agent in Agent for call in deps.answers.calls(agent, generation))
    costs = (
        cost_micros(call.usage, known_price(deps.models.price(call.model), deps.pessimistic))
        for call in calls
    )
    return sum(cost or 0 for cost in costs)


def _notes(task: CloseTask, module: str, reviews: Reviews) -> Iterator[CourseNote]:
    for round_number in range(1, task.round + 1):
        try:
            review = reviews.get(review_id(task.generation, round_number))
        except ReviewMissing:
            continue  # nothing to review in this round
        if review.decided_at and review.notes.strip():
            yield CourseNote(
                review=review.review,
                module=module,
                notes=review.notes.strip()[:MAX_NOTE_CHARS],
                decided_at=review.decided_at,
            )
