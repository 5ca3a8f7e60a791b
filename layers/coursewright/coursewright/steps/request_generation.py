"""Publishes the `Module Published` event that an author's form asks for."""

from dataclasses import dataclass

from coursewright.agents.cost_estimate import expected_calls
from coursewright.domain.base import Record, text_sha256
from coursewright.domain.budget import expected_cost, known_price
from coursewright.domain.errors import EventInvalid
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.lesson import LessonPointer, ModulePublished
from coursewright.domain.model_call import ListedModel, Price
from coursewright.domain.problems import ProblemCode
from coursewright.pages.authoring_form import AuthoringForm, field_of, read_form
from coursewright.pages.authoring_page import (
    Estimate,
    ForeignForm,
    FormPage,
    FormProblem,
    GenerationRequested,
    ModelCost,
)
from coursewright.ports.agents import ModelCatalogue, Models
from coursewright.ports.generations import EventBus, Lessons
from coursewright.settings import Settings
from coursewright.steps.start_generation import lesson_html, requested_generation
from coursewright.web.http import Request


@dataclass(frozen=True)
class RequestGenerationDeps:
    """Whom the step asks, and where it puts lesson and event."""

    lessons: Lessons
    bus: EventBus
    models: Models
    catalogue: ModelCatalogue
    pessimistic: Price
    settings: Settings


class Order(Record):
    """A form that was found good: what it asks for, and the lesson that it is about."""

    request: GenerationRequest
    lesson: str


def request_generation(
    request: Request, *, deps: RequestGenerationDeps
) -> GenerationRequested | FormPage | ForeignForm:
    """Start what the form asks for, or say what that may cost.

    The generation bears the name that `start_generation` will find, so that a form sent ten times
    is one generation.
    """
    if not request.is_same_origin:
        return ForeignForm()
    form, models = read_form(request.form), deps.catalogue.models()
    try:
        order = _order(form, models, deps)
    except EventInvalid as error:
        problem = FormProblem(
            field=field_of(error), code=error.code, params=error.params, text=error.problem
        )
        return FormPage(form=form, models=models, problem=problem)
    if request.field("act") != "start":
        return FormPage(form=form, models=models, estimate=_estimate(order, deps))
    place = form.place or deps.lessons.save_upload(order.lesson)
    deps.bus.publish(form.event(place)["detail"])
    return GenerationRequested(location=f"/authoring/generations/{order.request.generation}")


def _order(
    form: AuthoringForm, models: tuple[ListedModel, ...], deps: RequestGenerationDeps
) -> Order:
    lesson = ""

    def keep(published: ModulePublished) -> LessonPointer:
        nonlocal lesson
        lesson = lesson_html(published, deps.lessons)
        return LessonPointer(bucket="", key="", sha256=text_sha256(lesson))

    event = form.event(form.place)
    _require_usable(form.models, models)
    request = requested_generation(event, models=deps.models, settings=deps.settings, keep=keep)
    return Order(request=request, lesson=lesson)


def _require_usable(chosen: tuple[str, ...], models: tuple[ListedModel, ...]) -> None:
    missing = {one.id: one.missing for one in models}
    for model in chosen:
        if missing.get(model):
            raise EventInvalid(
                "detail.brief.models", "unavailable", ProblemCode.MODEL_UNAVAILABLE, model=model
            )


def _estimate(order: Order, deps: RequestGenerationDeps) -> Estimate:
    calls = expected_calls(order.request, order.lesson, round_number=1)
    prices = {model: deps.models.price(model) for model in order.request.models}
    counted = {model: known_price(price, deps.pessimistic) for model, price in prices.items()}
    return Estimate(
        costs=tuple(
            ModelCost(
                model=model,
                micros=expected_cost(calls, price) if price == counted[model] else None,
                counted_micros=expected_cost(calls, counted[model]),
            )
            for model, price in prices.items()
        ),
        calls=sum(one.number for one in calls) * len(prices),
        drafts=order.request.brief.tasks_count * len(prices),
        lesson_characters=len(order.lesson),
    )
