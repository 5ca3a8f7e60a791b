"""What reviewers of a course asked for, kept in memory."""

from datetime import datetime

from coursewright.domain.review import CourseNote


class MemoryCourseNotes:
    """Notes in the order of their decisions."""

    def __init__(self) -> None:
        self._notes: dict[str, dict[str, CourseNote]] = {}

    def add(self, course: str, note: CourseNote) -> None:
        """Keep a note; the same one again changes nothing."""
        self._notes.setdefault(course, {}).setdefault(note.review, note)

    def before(self, course: str, moment: datetime) -> tuple[CourseNote, ...]:
        """Return the notes that were written before a moment, oldest first."""
        found = (note for note in self._notes.get(course, {}).values() if note.decided_at < moment)
        return tuple(sorted(found, key=lambda note: note.decided_at))
