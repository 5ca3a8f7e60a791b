"""Rounds of decisions: what reviewers change and decide, and whom it wakes."""

from datetime import datetime
from typing import Any, Protocol

from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.review import CourseNote, Marks, Review
from coursewright.domain.session import SessionClaims


class Edits(Protocol):
    """What reviewers changed in drafts, and marked, while a review is open."""

    def edits(self, review: Review) -> tuple[Edit, ...]:
        """Return all versions of a review's drafts, each with what the sandbox found, by number."""
        ...

    def save_edit(self, review: str, edit: Edit, *, now: datetime) -> None:
        """Keep a version while the review is open.

        Raises: EditConflict if there is one of that number, or if the review is not open.
        """
        ...

    def save_check(self, review: str, check: EditCheck) -> bool:
        """Keep what the sandbox found while nobody has decided; the first finding stands."""
        ...

    def keep_marks(self, review: str, reviewer: str, marks: Marks) -> None:
        """Keep what a reviewer has marked but not sent, in place of what was kept before."""
        ...

    def marks(self, review: str, reviewer: str) -> Marks:
        """Return what a reviewer has marked but not sent."""
        ...


class Reviews(Edits, Protocol):
    """Rounds of decisions."""

    def open(self, review: Review) -> Review:
        """Keep a pending review; the first one stands and is given back."""
        ...

    def get(self, review: str) -> Review:
        """Return a review. Raises: ReviewMissing."""
        ...

    def decide(self, decided: Review) -> None:
        """Write a decision if the review is still pending and shows the same drafts.

        Raises: AlreadyDecided, ReviewChanged, ReviewExpired or ReviewLocked.
        """
        ...

    def invite(self, changed: Review, *, now: datetime) -> None:
        """Write who may decide, and by which links, while the review is open.

        Raises: AlreadyDecided, ReviewExpired or ReviewChanged.
        """
        ...

    def expire(self, review: str, *, now: datetime, delivered: bool = True) -> bool:
        """Turn pending into expired; False if a decision was faster."""
        ...

    def overdue(self, *, now: datetime) -> tuple[Review, ...]:
        """Return pending reviews whose time is over."""
        ...

    def count_wrong_code(self, review: str) -> int:
        """Count one wrong code and give their number."""
        ...

    def mark_delivered(self, review: str) -> None:
        """Note that the workflow learned of the decision."""
        ...

    def undelivered(self) -> tuple[Review, ...]:
        """Return decided reviews of which the workflow may not know."""
        ...


class EditChecks(Protocol):
    """The sandbox's work on edits, which goes on while the reviewer reads."""

    def start(self, review: Review, draft: str, number: int) -> None:
        """Let a version be verified; this does not wait for the end."""
        ...


class CourseNotes(Protocol):
    """What reviewers of a course asked for."""

    def add(self, course: str, note: CourseNote) -> None:
        """Keep a note; the same one again changes nothing."""
        ...

    def before(self, course: str, moment: datetime) -> tuple[CourseNote, ...]:
        """Return the notes that were written before a moment, oldest first."""
        ...


class ReviewTasks(Protocol):
    """The task token of a waiting execution: a wake-up call, nothing more."""

    def remember(self, review: Review, reminder: int, task_token: str, *, now: datetime) -> None:
        """Keep the newest token of a review."""
        ...

    def wake(self, review: Review) -> None:
        """Wake the execution that waits. Raises: TaskTokenGone or ResumeFailed."""
        ...

    def answer(self, task_token: str) -> None:
        """Wake the execution with this very token. Raises: TaskTokenGone or ResumeFailed."""
        ...


class Links(Protocol):
    """Signs and verifies review links, session cookies, codes and form tokens."""

    def link(self, review: Review, address: str) -> str:
        """Return the signed part of a reviewer's link; it is the same on each call."""
        ...

    def code(self, review: Review, address: str) -> str:
        """Return the six-digit code that is sent only in the reviewer's email."""
        ...

    def open_link(self, signed: str) -> SessionClaims:
        """Return the claims of an emailed link. Raises: LinkInvalid."""
        ...

    def session(self, claims: SessionClaims) -> str:
        """Return the signed value of a session cookie."""
        ...

    def open_session(self, session: str) -> SessionClaims:
        """Return the claims of a session cookie. Raises: LinkInvalid."""
        ...

    def csrf(self, session: str) -> str:
        """Return the CSRF token for the forms of a session."""
        ...

    def is_csrf(self, session: str, token: str) -> bool:
        """Return whether a CSRF token belongs to a session."""
        ...

    def sign_in(self, claims: SessionClaims) -> str:
        """Return the signed value of the cookie that proves that the code was entered."""
        ...

    def is_signed_in(self, claims: SessionClaims, signed: str, *, now: datetime) -> bool:
        """Return whether the reviewer entered the code in this browser recently."""
        ...

    def is_code(self, claims: SessionClaims, code: str) -> bool:
        """Return whether a code is the one in the reviewer's email."""
        ...


class LinkKeys(Protocol):
    """Keys that sign links, newest last."""

    def keys(self) -> list[str]:
        """Return the keys; a link signed with any of them is ours."""
        ...


class Audit(Protocol):
    """Who did what and when; nobody changes it, so it holds no address and no text.

    A person is a pseudonym, which the review resolves; a text is its sha256.
    """

    def add(self, generation: str, event: str, facts: dict[str, Any], *, now: datetime) -> None:
        """Keep one entry; the same entry again changes nothing."""
        ...

    def entries(self, generation: str) -> tuple[dict[str, Any], ...]:
        """Return the entries of a generation in order of time."""
        ...
