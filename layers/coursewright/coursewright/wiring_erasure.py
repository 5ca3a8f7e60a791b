"""Wires what forgetting a person or a course reaches for."""

from collections.abc import Callable
from functools import cache
from typing import Any

from coursewright.adapters.erasure import CourseRecords, Objects, ReviewerRecords
from coursewright.settings import settings
from coursewright.wiring import blobs, client, table

MAX_STEP_MILLIS = 120_000  # what forgetting the largest generation takes


@cache
def reviewer_records() -> ReviewerRecords:
    """Return what is kept of reviewers."""
    objects = Objects(client("s3"), settings().content_bucket)
    return ReviewerRecords(table(), blobs(), objects)


@cache
def course_records() -> CourseRecords:
    """Return what is kept of courses."""
    return CourseRecords(table(), Objects(client("s3"), settings().content_bucket))


def has_time(context: Any) -> Callable[[], bool]:
    """Return the question whether an invocation can begin with another generation."""
    return lambda: context.get_remaining_time_in_millis() > MAX_STEP_MILLIS
