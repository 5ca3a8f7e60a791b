"""The course platform's `Module Published` event and its lesson."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coursewright.domain.address import Address
from coursewright.domain.author import Author
from coursewright.domain.base import Record
from coursewright.domain.brief import Kind, RequestedBrief
from coursewright.domain.errors import EventInvalid
from coursewright.domain.html_tokens import html_tokens
from coursewright.domain.problems import ProblemCode
from coursewright.domain.title import Title

EVENT_SOURCE = "courses"
EVENT_DETAIL_TYPE = "Module Published"
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
MAX_LESSON_MB = 5
HTML_FIELD, PLACE_FIELD = "detail.module.html", "detail.module.s3"


class _ForeignRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Course(_ForeignRecord):
    """The course that a module belongs to."""

    id: str = Field(pattern=IDENTIFIER)
    title: Title
    kind: Kind


class ObjectPlace(_ForeignRecord):
    """An object in S3."""

    bucket: str = Field(min_length=3, max_length=63)
    key: str = Field(min_length=1, max_length=1024)


class Module(_ForeignRecord):
    """A module whose lesson is contained in the event or stored in S3."""

    id: str = Field(pattern=IDENTIFIER)
    title: Title
    html: str | None = Field(default=None, min_length=1)
    s3: ObjectPlace | None = None

    @model_validator(mode="after")
    def _has_one_text(self) -> Self:
        if (self.html is None) == (self.s3 is None):
            raise ValueError("specify the lesson as either html or s3, not both")
        return self


class ModulePublished(_ForeignRecord):
    """The detail of a `Module Published` event."""

    course: Course
    module: Module
    brief: RequestedBrief = RequestedBrief()
    reviewers: tuple[Address, ...] | None = Field(default=None, min_length=1, max_length=20)
    request_id: str = Field(default="", max_length=200)
    author: Author | None = None


class LessonPointer(Record):
    """A pointer to a lesson's snapshot, with the number of suspected prompt injections in it."""

    bucket: str
    key: str
    sha256: str
    orders: int = 0


def module_event(detail: dict[str, Any]) -> dict[str, Any]:
    """Return the `Module Published` event with this detail."""
    return {"source": EVENT_SOURCE, "detail-type": EVENT_DETAIL_TYPE, "detail": detail}


def parse_module_published(event: dict[str, Any]) -> ModulePublished:
    """Parse a `Module Published` event.

    Raises: EventInvalid with the first missing or invalid field.
    """
    if event.get("source") != EVENT_SOURCE or event.get("detail-type") != EVENT_DETAIL_TYPE:
        raise EventInvalid("detail-type", f"expected {EVENT_SOURCE} / {EVENT_DETAIL_TYPE}")
    try:
        return ModulePublished.model_validate(event.get("detail"))
    except ValidationError as error:
        raise invalid_event(error, "detail") from error


def require_lesson_size(size: int, field: str) -> None:
    """Refuse a lesson that is too large to be read. Raises: EventInvalid."""
    if size > MAX_LESSON_MB * 1_000_000:
        problem, code = f"the lesson has {size:,} bytes", ProblemCode.LESSON_TOO_LARGE
        raise EventInvalid(field, problem, code, limit=MAX_LESSON_MB)


def require_lesson_text(html: str, field: str) -> None:
    """Refuse a lesson that is too large or has no text. Raises: EventInvalid."""
    require_lesson_size(len(html.encode(errors="replace")), field)
    if not any(token.text.strip() for token in html_tokens(html)):
        raise EventInvalid(field, "the lesson contains no text", ProblemCode.LESSON_EMPTY)


def invalid_event(error: ValidationError, root: str) -> EventInvalid:
    """Return the first validation error as an EventInvalid naming the field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join([root, *(str(part) for part in first["loc"])])
    more = error.error_count() - 1
    value_text = repr(first["input"])
    shown = value_text if len(value_text) <= 80 else value_text[:77] + "…"
    others = f" ({more} more problems)" if more else ""
    code = ProblemCode(first["type"]) if first["type"] in set(ProblemCode) else None
    return EventInvalid(field, f"{first['msg']}; got {shown}{others}", code)
