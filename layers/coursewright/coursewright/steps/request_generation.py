"""Estimates and requests a generation by publishing a `Module Published` event."""

from dataclasses import dataclass
from typing import Any

from coursewright.agents.cost_estimate import first_round_calls
from coursewright.domain.author import Author
from coursewright.domain.base import Record, text_sha256
from coursewright.domain.budget import expected_cost, known_price
from coursewright.domain.errors import EventInvalid
from coursewright.domain.estimate import CostEstimate, ModelCost
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.lesson import LessonPointer, ModulePublished
from coursewright.domain.model_call import ListedModel, Price
from coursewright.domain.problems import ProblemCode
from coursewright.ports.agents import ListModels, Models
from coursewright.ports.generations import Lessons, PublishModule
from coursewright.settings import Settings
from coursewright.steps.start_generation import lesson_html, requested_generation


@dataclass(frozen=True)
class RequestGenerationDeps:
    """Dependencies of planning, estimating and requesting a generation."""

    lessons: Lessons
    publish_module: PublishModule
    models: Models
    list_models: ListModels
    pessimistic: Price
    settings: Settings


class PlannedGeneration(Record):
    """A valid event with the requested generation and the lesson's text."""

    event: dict[str, Any]
    request: GenerationRequest
    lesson: str


def plan_generation(
    event: dict[str, Any],
    models: tuple[ListedModel, ...],
    *,
    author: Author,
    deps: RequestGenerationDeps,
) -> PlannedGeneration:
    """Return the generation that an author's event would start, without storing anything.

    Raises: EventInvalid.
    """
    lesson = ""

    def point_to(published: ModulePublished) -> LessonPointer:
        nonlocal lesson
        lesson = lesson_html(published, deps.lessons)
        return LessonPointer(bucket="", key="", sha256=text_sha256(lesson))

    event = event | {"detail": event["detail"] | {"author": author.model_dump(mode="json")}}
    request = requested_generation(
        event, models=deps.models, settings=deps.settings, store=point_to
    )
    _require_usable(request, models)
    return PlannedGeneration(event=event, request=request, lesson=lesson)


def estimate_generation(planned: PlannedGeneration, *, deps: RequestGenerationDeps) -> CostEstimate:
    """Return the estimated cost of the first round."""
    request = planned.request
    calls = first_round_calls(request, planned.lesson)
    prices = {model: deps.models.price(model) for model in request.models}
    counted = {model: known_price(price, deps.pessimistic) for model, price in prices.items()}
    return CostEstimate(
        costs=tuple(
            ModelCost(
                model=model,
                micros=expected_cost(calls, price) if price == counted[model] else None,
                counted_micros=expected_cost(calls, counted[model]),
            )
            for model, price in prices.items()
        ),
        calls=sum(call.number for call in calls) * len(prices),
        drafts=request.brief.tasks_count * len(prices),
        lesson_characters=len(planned.lesson),
    )


def request_generation(planned: PlannedGeneration, *, deps: RequestGenerationDeps) -> str:
    """Publish the event and return the generation's id; a pasted lesson is uploaded first.

    `start_generation` derives the same id, so that repeated requests start one generation.
    """
    detail = planned.event["detail"]
    module = detail["module"]
    if "s3" not in module:
        place = deps.lessons.save_upload(planned.lesson)
        named = {name: value for name, value in module.items() if name != "html"}
        detail = detail | {"module": named | {"s3": place.model_dump()}}
    deps.publish_module(detail)
    return planned.request.generation


def _require_usable(request: GenerationRequest, models: tuple[ListedModel, ...]) -> None:
    missing = {model.id: model.missing for model in models}
    for model in request.models:
        if missing.get(model):
            raise EventInvalid(
                "detail.brief.models", "unavailable", ProblemCode.MODEL_UNAVAILABLE, model=model
            )
