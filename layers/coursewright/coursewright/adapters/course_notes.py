"""What reviewers of a course asked for, in the table under the course."""

from datetime import datetime

from coursewright.adapters.table import Table
from coursewright.domain.review import CourseNote


class DynamoCourseNotes:
    """Notes in the order of their decisions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, course: str, note: CourseNote) -> None:
        """Keep a note; the same one again changes nothing."""
        key = f"NOTE#{note.decided_at.isoformat()}#{note.review}"
        self._table.put({"PK": f"COURSE#{course}", "SK": key, "body": note.model_dump_json()})

    def before(self, course: str, moment: datetime) -> tuple[CourseNote, ...]:
        """Return the notes that were written before a moment, oldest first."""
        items = self._table.query(f"COURSE#{course}", "NOTE#")
        notes = (CourseNote.model_validate_json(item["body"]) for item in items)
        return tuple(note for note in notes if note.decided_at < moment)
