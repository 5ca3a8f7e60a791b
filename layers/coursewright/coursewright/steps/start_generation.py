"""A published module becomes one execution, however often its event arrives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coursewright.domain.brief import MOST_DRAFTS, Brief
from coursewright.domain.errors import EventInvalid, ModelDisabled, ModelNotUsable
from coursewright.domain.generation import (
    CourseRef,
    GenerationRequest,
    ModuleRef,
    execution_name,
    generation_id,
)
from coursewright.domain.lesson import LessonPointer, ModulePublished, parse_module_published
from coursewright.domain.records import Record
from coursewright.ports import Executions, Generations, KnownModels, Lessons
from coursewright.settings import Settings


class Started(Record):
    """What came of an event."""

    generation: str
    execution: str
    duplicate: bool


@dataclass(frozen=True)
class FrontDesk:
    """Whom the step asks when an event arrives."""

    lessons: Lessons
    generations: Generations
    executions: Executions
    models: KnownModels


def start_generation(event: dict[str, Any], *, desk: FrontDesk, settings: Settings) -> Started:
    """Start the generation that an event asks for, unless it was started before.

    Raises: EventInvalid before anything is written or paid.
    """
    request = requested_generation(
        event,
        models=desk.models,
        settings=settings,
        keep=lambda published: desk.lessons.save(lesson_html(published, desk.lessons)),
    )
    name = execution_name(request.module.id, request.generation)
    is_new = not desk.generations.is_claimed(request.generation)
    started = is_new and desk.executions.start(name, request)
    return Started(generation=request.generation, execution=name, duplicate=not started)


def requested_generation(
    event: dict[str, Any],
    *,
    models: KnownModels,
    settings: Settings,
    keep: Callable[[ModulePublished], LessonPointer],
) -> GenerationRequest:
    """Read what an event asks for; its lesson is kept once all else is found good.

    Raises: EventInvalid.
    """
    published = parse_module_published(event)
    brief = _brief(published, settings)
    reviewers = published.reviewers or settings.brief_defaults.reviewers
    if not reviewers:
        raise EventInvalid("detail.reviewers", "nobody is named and DefaultReviewers is empty")
    _require_known_models(brief, models)
    return _request(published, brief, reviewers, keep(published))


def lesson_html(published: ModulePublished, lessons: Lessons) -> str:
    """Give the lesson's text, wherever the event has it. Raises: EventInvalid."""
    if published.module.s3 is None:
        return published.module.html or ""
    return lessons.fetch(published.module.s3)


def _brief(published: ModulePublished, settings: Settings) -> Brief:
    defaults = settings.brief_defaults
    if not (published.brief.models or defaults.models):
        raise EventInvalid("detail.brief.models", "no model is named and DefaultModels is empty")
    brief = published.brief.completed(published.course.kind, defaults)
    if brief.tasks_count * len(brief.models) > MOST_DRAFTS:
        raise EventInvalid("detail.brief", f"tasks_count × models is more than {MOST_DRAFTS}")
    return brief


def _require_known_models(brief: Brief, models: KnownModels) -> None:
    """A model that is switched off passes: the workflow skips it and says so in the league."""
    for model in brief.models:
        try:
            models.get(model)
        except ModelDisabled:
            continue
        except ModelNotUsable as error:
            raise EventInvalid("detail.brief.models", str(error)) from error


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
    )
