"""Reviewers' notes are stored once per review and listed in order for each course."""

from datetime import UTC, datetime, timedelta

import pytest

from coursewright.adapters.reviews import DynamoReviews
from coursewright.domain.review import CourseNote
from coursewright.ports.reviews import Reviews
from tests.fakes.memory_review import MemoryReviews

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "table"])
def notes(request: pytest.FixtureRequest) -> Reviews:
    if request.param == "memory":
        return MemoryReviews()
    return DynamoReviews(request.getfixturevalue("table"), request.getfixturevalue("blobs"))


def note(day: int) -> CourseNote:
    return CourseNote(
        review=f"REVIEW#g{day}#1", module="Loops", notes=f"{day}", decided_at=NOW + timedelta(day)
    )


def test_notes_are_sorted_by_their_decisions(notes: Reviews) -> None:
    notes.add_course_note("basics", note(2))
    notes.add_course_note("basics", note(1))
    notes.add_course_note("basics", note(1))

    assert notes.course_notes("basics", before=NOW + timedelta(3)) == (note(1), note(2))


def test_only_earlier_notes_are_returned(notes: Reviews) -> None:
    notes.add_course_note("basics", note(1))

    assert notes.course_notes("basics", before=NOW + timedelta(1)) == ()
    assert notes.course_notes("other", before=NOW + timedelta(3)) == ()
