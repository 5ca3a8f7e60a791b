"""Review rounds: links, edits, decisions, and the executions waiting for them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from coursewright.domain.access import ReviewerAccess
from coursewright.domain.edit import Edit, EditCheck, VerifyEditTask
from coursewright.domain.review import CourseNote, Review, SavedSelection
from coursewright.domain.session import SessionClaims


class Links(Protocol):
    """Signs the links and codes emailed to a reviewer, and verifies them when they are used."""

    def link(self, claims: SessionClaims) -> str:
        """Return the signed part of a reviewer's link; always the same for the same claims."""
        ...

    def code(self, claims: SessionClaims) -> str:
        """Return the six-digit code, which appears only in the reviewer's email."""
        ...

    def open_link(self, signed: str) -> SessionClaims:
        """Read an emailed link. Raises: LinkInvalid."""
        ...

    def session(self, claims: SessionClaims) -> str:
        """Return the signed value of a session cookie."""
        ...

    def open_session(self, session: str) -> SessionClaims:
        """Read a session cookie. Raises: LinkInvalid."""
        ...

    def csrf(self, session: str) -> str:
        """Return the CSRF token for the forms of a session."""
        ...

    def is_csrf(self, session: str, token: str) -> bool:
        """Return whether a form's token belongs to this session."""
        ...

    def sign_in(self, claims: SessionClaims) -> str:
        """Return the signed value of a cookie proving that the code was entered in this browser."""
        ...

    def is_signed_in(self, claims: SessionClaims, signed: str, *, now: datetime) -> bool:
        """Return whether the reviewer's code was entered in this browser recently enough."""
        ...

    def is_code(self, claims: SessionClaims, code: str) -> bool:
        """Return whether the digits match those in the reviewer's email."""
        ...


class Reviews(Protocol):
    """Review rounds, with reviewers' edits, saved selections and notes."""

    def open(self, review: Review) -> Review:
        """Create a pending review, or return the existing one."""
        ...

    def get(self, review: str) -> Review:
        """Return a review. Raises: ReviewMissing."""
        ...

    def decide(self, decided: Review) -> None:
        """Store a decision if the review is still pending and its drafts have not changed.

        Raises: AlreadyDecided, ReviewChanged or ReviewExpired.
        """
        ...

    def invite(self, changed: Review, *, now: datetime) -> None:
        """Store the reviewers if the review is still open.

        Raises: AlreadyDecided, ReviewExpired or ReviewChanged.
        """
        ...

    def expire(self, review: str, *, now: datetime, delivered: bool = True) -> bool:
        """Mark a pending review as expired; return False if it was decided first."""
        ...

    def list_overdue(self, *, now: datetime) -> tuple[Review, ...]:
        """Return pending reviews whose deadline has passed."""
        ...

    def access(self, review: str, reviewer: str) -> ReviewerAccess:
        """Return a reviewer's access to a review."""
        ...

    def renew_access(self, review: str, reviewer: str, new: ReviewerAccess) -> None:
        """Replace a reviewer's link. Raises: ReviewChanged if it was just replaced."""
        ...

    def count_attempt(self, claims: SessionClaims) -> int:
        """Count an attempt at a link's code; return how many more are allowed.

        Raises: ReviewLocked if there were too many, LinkInvalid if a fresh link replaced this one.
        """
        ...

    def forget_attempt(self, claims: SessionClaims) -> None:
        """Undo the count of an attempt whose code was correct."""
        ...

    def mark_delivered(self, review: str) -> None:
        """Record that the workflow has received the decision."""
        ...

    def list_undelivered(self) -> tuple[Review, ...]:
        """Return decided reviews whose decision the workflow may not have received."""
        ...

    def edits(self, review: Review) -> tuple[Edit, ...]:
        """Return all edits of a review's drafts with their verifications, by draft and number."""
        ...

    def save_edit(self, review: str, edit: Edit, *, now: datetime) -> None:
        """Store an edit while the review is open.

        Raises: EditConflict if the number is taken or the review is not open.
        """
        ...

    def save_check(self, review: str, check: EditCheck) -> bool:
        """Store an edit's verification once; return False if one exists or the review is closed."""
        ...

    def save_selection(self, review: str, reviewer: str, selection: SavedSelection) -> None:
        """Store a reviewer's unsubmitted selection, replacing any previous one."""
        ...

    def selection(self, review: str, reviewer: str) -> SavedSelection:
        """Return a reviewer's unsubmitted selection."""
        ...

    def add_course_note(self, course: str, note: CourseNote) -> None:
        """Store a reviewer's notes for later generations of the course; idempotent."""
        ...

    def course_notes(self, course: str, *, before: datetime) -> tuple[CourseNote, ...]:
        """Return a course's notes written before a given time, oldest first."""
        ...


type StartEditCheck = Callable[[VerifyEditTask], None]
"""Starts the verification of an edit and returns without waiting for its result."""


class ReviewTasks(Protocol):
    """Task tokens of executions waiting for a review; they carry no decision."""

    def save(self, review: Review, reminder: int, task_token: str, *, now: datetime) -> None:
        """Store the newest token of a review."""
        ...

    def resume(self, review: Review) -> None:
        """Resume the waiting execution. Raises: TaskTokenGone or ResumeFailed."""
        ...

    def resume_task(self, task_token: str) -> None:
        """Resume the execution waiting with this token. Raises: TaskTokenGone or ResumeFailed."""
        ...


class Audit(Protocol):
    """The audit trail: who did what, and when.

    Entries are never changed, so they contain neither addresses nor texts: people are identified by
    pseudonyms and texts by their sha256.
    """

    def add(self, generation: str, event: str, facts: dict[str, Any], *, now: datetime) -> None:
        """Store an entry; idempotent."""
        ...

    def entries(self, generation: str) -> tuple[dict[str, Any], ...]:
        """Return the entries of a generation in chronological order."""
        ...
