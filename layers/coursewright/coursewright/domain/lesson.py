"""What the course platform publishes, and where its text is kept."""

import re
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from coursewright.domain.base import Record
from coursewright.domain.brief import Kind, RequestedBrief
from coursewright.domain.errors import EventInvalid

EVENT_SOURCE = "courses"
EVENT_DETAIL_TYPE = "Module Published"
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
ADDRESS = r"^[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+$"


def _address(text: str) -> str:
    if not re.match(ADDRESS, text):
        raise ValueError("this is no e-mail address")
    return text


Address = Annotated[str, AfterValidator(_address)]


class _Theirs(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Course(_Theirs):
    """The course a module belongs to."""

    id: str = Field(pattern=IDENTIFIER)
    title: str = Field(min_length=1, max_length=300)
    kind: Kind


class ObjectPlace(_Theirs):
    """An object in S3."""

    bucket: str = Field(min_length=3, max_length=63)
    key: str = Field(min_length=1, max_length=1024)


class Module(_Theirs):
    """A module with its lesson's HTML, in the event or in S3."""

    id: str = Field(pattern=IDENTIFIER)
    title: str = Field(min_length=1, max_length=300)
    html: str | None = Field(default=None, min_length=1)
    s3: ObjectPlace | None = None

    @model_validator(mode="after")
    def _has_one_text(self) -> Self:
        if (self.html is None) == (self.s3 is None):
            raise ValueError("give the lesson either as html or as s3, not both")
        return self


class ModulePublished(_Theirs):
    """The detail of a `Module Published` event."""

    course: Course
    module: Module
    brief: RequestedBrief = RequestedBrief()
    reviewers: tuple[Address, ...] | None = Field(default=None, min_length=1, max_length=20)
    request_id: str = Field(default="", max_length=200)


class LessonPointer(Record):
    """Where the lesson's snapshot is, bound to its text; what in it reads like orders to a model.

    Lessons that were kept before passages were counted have none.
    """

    bucket: str
    key: str
    sha256: str
    orders: int = 0


def parse_module_published(event: dict[str, Any]) -> ModulePublished:
    """Read a `Module Published` event.

    Raises: EventInvalid names the first field that is missing or wrong.
    """
    if event.get("source") != EVENT_SOURCE or event.get("detail-type") != EVENT_DETAIL_TYPE:
        raise EventInvalid("detail-type", f"expected {EVENT_SOURCE} / {EVENT_DETAIL_TYPE}")
    try:
        return ModulePublished.model_validate(event.get("detail"))
    except ValidationError as error:
        raise invalid_event(error, "detail") from error


def invalid_event(error: ValidationError, root: str) -> EventInvalid:
    """Say the first problem of a validation in one sentence that names the field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join([root, *(str(part) for part in first["loc"])])
    more = error.error_count() - 1
    found = repr(first["input"])
    shown = found if len(found) <= 80 else found[:77] + "…"
    others = f" ({more} more problems)" if more else ""
    return EventInvalid(field, f"{first['msg']}; got {shown}{others}")
