"""The course author's form and the event created from it."""

import re
from collections.abc import Mapping
from typing import Any

from coursewright.domain.base import Record, small_number
from coursewright.domain.brief import BriefDefaults, Kind, Level, Mode
from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import (
    HTML_FIELD,
    PLACE_FIELD,
    ObjectPlace,
    module_event,
)
from coursewright.domain.problems import ProblemCode

PLACE = re.compile(r"s3://([a-z0-9.-]{3,63})/(\S.{0,1023})")
NOT_UTF_8 = "\N{REPLACEMENT CHARACTER}"
FIELDS = {
    "detail.course.id": "course_id",
    "detail.course.title": "course_title",
    "detail.course.kind": "kind",
    "detail.module.id": "module_id",
    "detail.module.title": "module_title",
    PLACE_FIELD: "lesson_place",
    "detail.module": "lesson",
    "detail.brief.models": "models",
    "detail.brief.language": "language",
    "detail.brief.audience.level": "level",
    "detail.brief.audience.known_topics": "known_topics",
    "detail.brief.mode": "mode",
    "detail.brief": "tasks_count",
    "detail.reviewers": "reviewers",
}


class AuthoringForm(Record):
    """The form as filled in; fields are text so that invalid values can be redisplayed."""

    course_id: str = ""
    course_title: str = ""
    kind: str = Kind.PYTHON
    module_id: str = ""
    module_title: str = ""
    lesson: str = ""
    lesson_place: str = ""
    tasks_count: str = ""
    models: tuple[str, ...] = ()
    language: str = ""
    level: str = Level.BEGINNER
    known_topics: str = ""
    reviewers: str = ""
    mode: str = Mode.TOOL
    hints: bool = False
    cross_check: bool = False
    fresh: bool = False
    ticket: str = ""

    @property
    def place(self) -> ObjectPlace | None:
        """The lesson's location in S3, if one was entered. Raises: EventInvalid."""
        if not self.lesson_place:
            return None
        match = PLACE.fullmatch(self.lesson_place)
        if match is None:
            raise EventInvalid(
                PLACE_FIELD, "not of the form s3://bucket/key", ProblemCode.LESSON_PLACE_INVALID
            )
        return ObjectPlace(bucket=match[1], key=match[2])

    def event(self, place: ObjectPlace | None) -> dict[str, Any]:
        """Return the `Module Published` event, with the lesson or its location in S3.

        Raises: EventInvalid if the form is incomplete.
        """
        self._require_choices()
        source = {"s3": place.model_dump()} if place else {"html": self.lesson}
        detail: dict[str, Any] = {
            "course": {"id": self.course_id, "title": self.course_title, "kind": self.kind},
            "module": {"id": self.module_id, "title": self.module_title, **source},
            "brief": self._brief(),
        }
        if self.reviewers:
            detail["reviewers"] = _addresses(self.reviewers)
        if self.fresh:
            detail["request_id"] = self.ticket
        return module_event(detail)

    def _brief(self) -> dict[str, Any]:
        topics = [line.strip() for line in self.known_topics.splitlines() if line.strip()]
        brief: dict[str, Any] = {
            "models": list(self.models),
            "audience": {"level": self.level, "known_topics": topics},
            "mode": self.mode,
            "hints": self.hints,
            "cross_check": self.cross_check,
        }
        if self.tasks_count:
            number = small_number(self.tasks_count)
            brief["tasks_count"] = self.tasks_count if number is None else number
        if self.language:
            brief["language"] = self.language
        return brief

    def _require_choices(self) -> None:
        if not self.models:
            raise EventInvalid("detail.brief.models", "no model", ProblemCode.NO_MODEL)
        if self.lesson and self.lesson_place:
            raise EventInvalid(HTML_FIELD, "text and S3 address", ProblemCode.LESSON_TWICE)
        if not (self.lesson or self.lesson_place):
            raise EventInvalid(HTML_FIELD, "no lesson", ProblemCode.LESSON_MISSING)
        if NOT_UTF_8 in self.lesson:
            raise EventInvalid(HTML_FIELD, "not UTF-8", ProblemCode.LESSON_NOT_UTF_8)


def empty_form(defaults: BriefDefaults, *, usable: frozenset[str], ticket: str) -> AuthoringForm:
    """Return the form with the deployment's defaults."""
    return AuthoringForm(
        tasks_count=str(defaults.tasks_count),
        models=tuple(model for model in defaults.models if model in usable),
        language=defaults.language,
        reviewers=", ".join(defaults.reviewers),
        ticket=ticket,
    )


def read_form(fields: Mapping[str, tuple[str, ...]]) -> AuthoringForm:
    """Return the submitted form; an uploaded file replaces the pasted text."""

    def text(name: str) -> str:
        return next(iter(fields.get(name, ())), "").replace("\r\n", "\n").strip()

    texts = {name for name, field in AuthoringForm.model_fields.items() if field.annotation is str}
    return AuthoringForm.model_validate(
        {name: text(name) for name in texts}
        | {
            "lesson": text("lesson_file") or text("lesson"),
            "models": tuple(dict.fromkeys(fields.get("models", ()))),
            "hints": bool(text("hints")),
            "cross_check": bool(text("cross_check")),
            "fresh": bool(text("fresh")),
        }
    )


def form_field_name(error: EventInvalid) -> str:
    """Return the form field that corresponds to an event field, or an empty string."""
    return next((field for path, field in FIELDS.items() if error.field.startswith(path)), "")


def _addresses(text: str) -> list[str]:
    return [address for address in re.split(r"[\s,;]+", text) if address]
