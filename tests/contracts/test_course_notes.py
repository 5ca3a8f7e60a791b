"""What reviewers of a course asked for is kept in order, once, and under its course."""

from datetime import UTC, datetime, timedelta

import pytest

from coursewright.adapters.course_notes import DynamoCourseNotes
from coursewright.domain.review import CourseNote
from coursewright.ports.reviews import CourseNotes
from tests.fakes.memory_course import MemoryCourseNotes

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "table"])
def notes(request: pytest.FixtureRequest) -> CourseNotes:
    if request.param == "memory":
        return MemoryCourseNotes()
    return DynamoCourseNotes(request.getfixturevalue("table"))


def note(day: int) -> CourseNote:
    return CourseNote(
        review=f"REVIEW#g{day}#1", module="Loops", notes=f"{day}", decided_at=NOW + timedelta(day)
    )


def test_notes_come_in_the_order_of_their_decisions(notes: CourseNotes) -> None:
    notes.add("basics", note(2))
    notes.add("basics", note(1))
    notes.add("basics", note(1))

    assert notes.before("basics", NOW + timedelta(3)) == (note(1), note(2))


def test_only_what_was_written_before_counts(notes: CourseNotes) -> None:
    notes.add("basics", note(1))

    assert notes.before("basics", NOW + timedelta(1)) == ()
    assert notes.before("other", NOW + timedelta(3)) == ()
