"""Reviews and course notes in the table."""

import itertools
import json
from datetime import datetime

from coursewright.adapters.edits import META, DynamoEdits
from coursewright.adapters.table import Item
from coursewright.domain.errors import ReviewChanged, ReviewMissing
from coursewright.domain.review import CourseNote, Decision, Review, require_open

OPEN = "REVIEWS#open"
UNDELIVERED = "REVIEWS#undelivered"
EDITED = "edition = :edition"
UNEDITED = f"shown_sha256 = :shown AND (attribute_not_exists(edition) OR {EDITED})"


class DynamoReviews(DynamoEdits):
    """Reviews: immutable facts are in `body`, changing values in separate attributes."""

    def open(self, review: Review) -> Review:
        """Create a pending review, or return the existing one."""
        item: Item = {"PK": review.review, "SK": META, "decision": Decision.PENDING.value}
        item |= {
            "shown_sha256": review.shown_sha256,
            "delivered": False,
            "edition": 0,
        }
        item |= {"expires": _millis(review.expires_at)}
        item |= {"GSI1PK": OPEN, "GSI1SK": f"{review.expires_at.isoformat()}#{review.review}"}
        self._table.put(item | self._blobs.pack(review.model_dump_json()))
        return self.get(review.review)

    def get(self, review: str) -> Review:
        """Return a review. Raises: ReviewMissing."""
        item = self._table.get(review, META)
        if item is None:
            raise ReviewMissing(review)
        return self._from_item(item)

    def decide(self, decided: Review) -> None:
        """Store a decision if the review is still pending and its drafts have not changed.

        Raises: AlreadyDecided, ReviewChanged or ReviewExpired.
        """
        at = decided.decided_at
        assert at is not None
        written = self._table.update(
            decided.review,
            META,
            "SET decision = :decision, ruling = :ruling, GSI1PK = :undelivered,"
            " shown_sha256 = :shown",
            "decision = :pending AND expires > :now AND "
            + (EDITED if decided.edition else UNEDITED),
            {
                ":edition": decided.edition,
                ":decision": decided.decision.value,
                ":ruling": _ruling(decided),
                ":undelivered": UNDELIVERED,
                ":pending": Decision.PENDING.value,
                ":shown": decided.shown_sha256,
                ":now": _millis(at),
            },
        )
        if written is None:
            current = self.get(decided.review)
            require_open(current, now=at)
            raise ReviewChanged(decided.review)

    def invite(self, changed: Review, *, now: datetime) -> None:
        """Store the reviewers if the review is still open.

        Raises: AlreadyDecided, ReviewExpired or ReviewChanged.
        """
        written = self._table.update(
            changed.review,
            META,
            "SET ruling = :ruling, edition = :next",
            "decision = :pending AND expires > :now AND "
            + (EDITED if changed.edition else f"(attribute_not_exists(edition) OR {EDITED})"),
            {
                ":ruling": _ruling(changed, is_changed=True),
                ":edition": changed.edition,
                ":next": changed.edition + 1,
                ":pending": Decision.PENDING.value,
                ":now": _millis(now),
            },
        )
        if written is None:
            require_open(self.get(changed.review), now=now)
            raise ReviewChanged(changed.review)

    def expire(self, review: str, *, now: datetime, delivered: bool = True) -> bool:
        """Mark a pending review as expired; return False if it was decided first."""
        change = "SET decision = :expired, expired_at = :now, delivered = :delivered"
        values: Item = {":expired": Decision.EXPIRED.value, ":pending": Decision.PENDING.value}
        values |= {":now": now.isoformat(), ":delivered": delivered}
        if delivered:
            change += " REMOVE GSI1PK, GSI1SK"
        else:
            change += ", GSI1PK = :undelivered"
            values |= {":undelivered": UNDELIVERED}
        return self._table.update(review, META, change, "decision = :pending", values) is not None

    def list_overdue(self, *, now: datetime) -> tuple[Review, ...]:
        """Return pending reviews whose deadline has passed."""
        reviews = (self.get(item["PK"]) for item in self._table.query_index("GSI1", OPEN))
        overdue = itertools.takewhile(lambda review: review.expires_at <= now, reviews)
        return tuple(review for review in overdue if review.decision is Decision.PENDING)

    def mark_delivered(self, review: str) -> None:
        """Record that the workflow has received the decision."""
        self._table.update(
            review,
            META,
            "SET delivered = :yes REMOVE GSI1PK, GSI1SK",
            "decision <> :pending",
            {":yes": True, ":pending": Decision.PENDING.value},
        )

    def list_undelivered(self) -> tuple[Review, ...]:
        """Return decided reviews whose decision the workflow may not have received."""
        items = self._table.query_index("GSI1", UNDELIVERED)
        return tuple(self.get(item["PK"]) for item in items)

    def add_course_note(self, course: str, note: CourseNote) -> None:
        """Store a reviewer's notes for later generations of the course; idempotent."""
        key = f"NOTE#{note.decided_at.isoformat()}#{note.review}"
        self._table.put({"PK": f"COURSE#{course}", "SK": key, "body": note.model_dump_json()})

    def course_notes(self, course: str, *, before: datetime) -> tuple[CourseNote, ...]:
        """Return a course's notes written before a given time, oldest first."""
        items = self._table.query(f"COURSE#{course}", "NOTE#")
        notes = (CourseNote.model_validate_json(item["body"]) for item in items)
        return tuple(note for note in notes if note.decided_at < before)

    def _from_item(self, item: Item) -> Review:
        facts = json.loads(self._blobs.unpack(item)) | json.loads(item.get("ruling", "{}"))
        facts |= {"decision": item["decision"], "shown_sha256": item["shown_sha256"]}
        facts |= {"delivered": item["delivered"], "edition": item.get("edition", 0)}
        return Review.model_validate_json(json.dumps(facts))


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _ruling(decided: Review, *, is_changed: bool = False) -> str:
    names = {"approved", "confirmed", "rejected", "notes", "decided_by", "decided_at"}
    if decided.edition or is_changed:
        names |= {"drafts", "reviewers"}
    return decided.model_dump_json(include=names)
