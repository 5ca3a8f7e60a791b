"""Starts one execution for a published module, no matter how often its event arrives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from coursewright.agents.cost_estimate import first_round_calls
from coursewright.domain.author import Author
from coursewright.domain.base import Record
from coursewright.domain.brief import MAX_DRAFTS, Brief
from coursewright.domain.budget import MICROS, CourseRun, cost_across_models
from coursewright.domain.errors import (
    BudgetExceeded,
    EventInvalid,
    ModelDisabled,
    ModelNotUsable,
)
from coursewright.domain.generation import (
    CourseRef,
    GenerationRequest,
    ModuleRef,
    execution_name,
    generation_id,
)
from coursewright.domain.lesson import (
    HTML_FIELD,
    PLACE_FIELD,
    LessonPointer,
    ModulePublished,
    invalid_event,
    parse_module_published,
    require_lesson_text,
)
from coursewright.domain.model_call import Price
from coursewright.domain.problems import ProblemCode
from coursewright.domain.reviewer_rules import ReviewerRules
from coursewright.ports.agents import Models
from coursewright.ports.generations import Budgets, Clock, Executions, Generations, Lessons
from coursewright.ports.reviews import Audit
from coursewright.settings import Settings


class Started(Record):
    """The generation that an event started, now or earlier."""

    generation: str
    execution: str
    duplicate: bool


@dataclass(frozen=True)
class StartGenerationDeps:
    """Dependencies of `start_generation`."""

    lessons: Lessons
    generations: Generations
    executions: Executions
    models: Models
    budgets: Budgets
    pessimistic: Price
    audit: Audit
    clock: Clock
    salt: Callable[[], str]  # for an event without an id


def start_generation(
    event: dict[str, Any], *, deps: StartGenerationDeps, settings: Settings
) -> Started:
    """Start the generation that an event requests, unless it was started before.

    An event from `author_course` also names the course run. For a new generation, the estimated
    cost of the first round is then reserved in that run's budget.

    Raises: EventInvalid before anything is written or spent; BudgetExceeded before the start.
    """
    course_run = _course_run(event)
    lesson = ""

    def save(published: ModulePublished) -> LessonPointer:
        nonlocal lesson
        lesson = lesson_html(published, deps.lessons)
        return deps.lessons.save(lesson, course=published.course.id)

    request = requested_generation(event, models=deps.models, settings=settings, store=save)
    request = request.model_copy(update={"author_salt": str(event.get("id") or deps.salt())})
    name = execution_name(request.module.id, request.generation)
    is_new = not deps.generations.is_claimed(request.generation)
    if is_new and course_run:
        _reserve_for_course(course_run, request, lesson, deps)
    if is_new and request.author:
        facts = {"author": request.author.pseudonym(request.author_salt)}
        deps.audit.add(request.generation, "generation_requested", facts, now=deps.clock.now())
    started = is_new and deps.executions.start(name, request)
    return Started(generation=request.generation, execution=name, duplicate=not started)


def requested_generation(
    event: dict[str, Any],
    *,
    models: Models,
    settings: Settings,
    store: Callable[[ModulePublished], LessonPointer],
) -> GenerationRequest:
    """Return the generation that an event requests, after storing its lesson.

    Raises: EventInvalid.
    """
    published = parse_module_published(event)
    brief = _brief(published, settings)
    reviewers = published.reviewers or settings.brief_defaults.reviewers
    if not reviewers:
        raise EventInvalid(
            "detail.reviewers", "none, and DefaultReviewers is empty", ProblemCode.NO_REVIEWER
        )
    _require_reviewers(reviewers, published.author, settings.reviewer_rules)
    _require_known_models(brief, models)
    return _request(published, brief, reviewers, store(published))


def lesson_html(published: ModulePublished, lessons: Lessons) -> str:
    """Return the lesson's text, from the event or from S3. Raises: EventInvalid."""
    place = published.module.s3
    html = lessons.fetch(place) if place else published.module.html or ""
    require_lesson_text(html, PLACE_FIELD if place else HTML_FIELD)
    return html


def _course_run(event: dict[str, Any]) -> CourseRun | None:
    given = event.get("course_run")
    try:
        return None if given is None else CourseRun.model_validate(given)
    except ValidationError as error:
        raise invalid_event(error, "course_run") from error


def _reserve_for_course(
    run: CourseRun, request: GenerationRequest, lesson: str, deps: StartGenerationDeps
) -> None:
    calls = first_round_calls(request, lesson)
    prices = map(deps.models.price, request.models)
    amount = cost_across_models(calls, prices, deps.pessimistic)
    if not deps.budgets.reserve_course_share(run, request.generation, amount):
        raise BudgetExceeded(
            f"This generation may cost ${amount / MICROS:.4f}, which exceeds what is left of"
            f" the course's ${run.budget_usd:.2f}. Start the course again with a larger budget; no"
            " module is started twice."
        )


def _brief(published: ModulePublished, settings: Settings) -> Brief:
    defaults = settings.brief_defaults
    if not (published.brief.models or defaults.models):
        raise EventInvalid(
            "detail.brief.models", "none, and DefaultModels is empty", ProblemCode.NO_MODEL
        )
    brief = published.brief.completed(published.course.kind, defaults)
    if brief.tasks_count * len(brief.models) > MAX_DRAFTS:
        raise EventInvalid(
            "detail.brief",
            f"tasks_count × models is more than {MAX_DRAFTS}",
            ProblemCode.TOO_MANY_DRAFTS,
            limit=MAX_DRAFTS,
        )
    return brief


def _require_known_models(brief: Brief, models: Models) -> None:
    """Raise for unknown models; the workflow skips and reports disabled ones."""
    for model in brief.models:
        try:
            models.get(model)
        except ModelDisabled:
            continue
        except ModelNotUsable as error:
            raise EventInvalid("detail.brief.models", str(error)) from error


def _require_reviewers(
    reviewers: tuple[str, ...], author: Author | None, rules: ReviewerRules
) -> None:
    for address in reviewers:
        if code := rules.problem(address, author):
            raise EventInvalid("detail.reviewers", f"{code}: {address}", code, address=address)


def _request(
    published: ModulePublished, brief: Brief, reviewers: tuple[str, ...], lesson: LessonPointer
) -> GenerationRequest:
    course, module = published.course, published.module
    generation = generation_id(course.id, module.id, lesson.sha256, brief, published.request_id)
    return GenerationRequest(
        generation=generation,
        course=CourseRef(id=course.id, title=course.title),
        module=ModuleRef(id=module.id, title=module.title),
        lesson=lesson,
        brief=brief,
        models=brief.models,
        reviewers=reviewers,
        author=published.author,
    )
