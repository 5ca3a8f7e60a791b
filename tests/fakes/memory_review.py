"""In-memory ports for reviews: task tokens, emails, audit trail, evidence and assignments."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint
from coursewright.domain.certificate import Certificate
from coursewright.domain.email import Email
from coursewright.domain.errors import (
    PublicationConflict,
    ResumeFailed,
    ReviewChanged,
    ReviewMissing,
    TaskTokenGone,
)
from coursewright.domain.invitation import Invitation
from coursewright.domain.league import LeagueRow
from coursewright.domain.lesson import ObjectPlace
from coursewright.domain.notification import Notification
from coursewright.domain.review import CourseNote, Decision, Review, require_open
from coursewright.domain.verification import CrossCheck, Verification
from coursewright.pages.email import render_invitation
from tests.fakes.memory_edits import MemoryEdits


class MemoryReviews(MemoryEdits):
    def __init__(self) -> None:
        super().__init__()
        self._reviews: dict[str, Review] = {}
        self._course_notes: dict[str, dict[str, CourseNote]] = {}
        self.writes = 0

    def open(self, review: Review) -> Review:
        if review.review not in self._reviews:
            self._write(review)
        return self._reviews[review.review]

    def get(self, review: str) -> Review:
        if review not in self._reviews:
            raise ReviewMissing(review)
        return self._reviews[review]

    def decide(self, decided: Review) -> None:
        at = decided.decided_at
        assert at is not None
        current = self.get(decided.review)
        require_open(current, now=at)
        is_as_opened = current.shown_sha256 == decided.shown_sha256 or decided.edition
        if current.edition != decided.edition or not is_as_opened:
            raise ReviewChanged(decided.review)
        names = [
            "decision",
            "approved",
            "confirmed",
            "rejected",
            "notes",
            "decided_by",
            "decided_at",
            "drafts",
            "shown_sha256",
        ]
        self._change(current, **{name: getattr(decided, name) for name in names})

    def invite(self, changed: Review, *, now: datetime) -> None:
        current = self.get(changed.review)
        require_open(current, now=now)
        if current.edition != changed.edition:
            raise ReviewChanged(changed.review)
        self._change(current, edition=current.edition + 1, reviewers=changed.reviewers)

    def expire(self, review: str, *, now: datetime, delivered: bool = True) -> bool:
        current = self.get(review)
        if current.decision is not Decision.PENDING:
            return False
        self._change(current, decision=Decision.EXPIRED, delivered=delivered)
        return True

    def list_overdue(self, *, now: datetime) -> tuple[Review, ...]:
        pending = (
            review for review in self._reviews.values() if review.decision is Decision.PENDING
        )
        return tuple(review for review in pending if review.expires_at <= now)

    def mark_delivered(self, review: str) -> None:
        current = self.get(review)
        if current.decision is not Decision.PENDING:
            self._change(current, delivered=True)

    def list_undelivered(self) -> tuple[Review, ...]:
        decided = (
            review for review in self._reviews.values() if review.decision is not Decision.PENDING
        )
        return tuple(review for review in decided if not review.delivered)

    def add_course_note(self, course: str, note: CourseNote) -> None:
        self._course_notes.setdefault(course, {}).setdefault(note.review, note)

    def course_notes(self, course: str, *, before: datetime) -> tuple[CourseNote, ...]:
        notes = self._course_notes.get(course, {}).values()
        earlier = (note for note in notes if note.decided_at < before)
        return tuple(sorted(earlier, key=lambda note: note.decided_at))

    def replace_shown_content(self, review: str, shown: str) -> None:
        self._change(self.get(review), shown_sha256=shown)

    def replace_notes(self, notes: str) -> None:
        for review in list(self._reviews.values()):
            self._change(review, notes=notes)

    def _change(self, review: Review, **update: Any) -> None:
        self._write(review.model_copy(update=update))

    def _write(self, review: Review) -> None:
        self._reviews[review.review] = review
        self.writes += 1


class MemoryReviewTasks:
    """Task tokens; `waiting` contains those that executions are waiting for."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[int, str]] = {}
        self.waiting: set[str] = set()
        self.woken: list[str] = []
        self.outage: ResumeFailed | None = None

    def save(self, review: Review, reminder: int, task_token: str, *, now: datetime) -> None:
        if reminder >= self._tokens.get(review.review, (0, ""))[0]:
            self._tokens[review.review] = (reminder, task_token)

    def resume(self, review: Review) -> None:
        if review.review not in self._tokens:
            raise TaskTokenGone(review.review)
        self.resume_task(self._tokens[review.review][1])

    def resume_task(self, task_token: str) -> None:
        if self.outage:
            raise self.outage
        if task_token not in self.waiting:
            raise TaskTokenGone("the task token is no longer valid")
        self.waiting.remove(task_token)
        self.woken.append(task_token)


class MemoryMailbox:
    """Sent emails; each outage set by a test is raised once."""

    def __init__(self) -> None:
        self.invitations: list[Invitation] = []
        self.outages: list[Exception] = []
        self._sent: set[tuple[str, str, int]] = set()

    @property
    def emails(self) -> list[Email]:
        return [render_invitation(invitation) for invitation in self.invitations]

    def send(self, invitation: Invitation) -> None:
        if self.outages:
            raise self.outages.pop()
        self.invitations.append(invitation)

    def is_sent(self, review: str, reviewer: str, reminder: int) -> bool:
        return (review, reviewer, reminder) in self._sent

    def mark_sent(self, review: str, reviewer: str, reminder: int) -> None:
        self._sent.add((review, reviewer, reminder))


class MemoryNotificationTopic:
    def __init__(self) -> None:
        self.notifications: list[Notification] = []
        self.outages: list[Exception] = []

    def publish(self, notification: Notification) -> None:
        if self.outages:
            raise self.outages.pop()
        self.notifications.append(notification)


class MemoryAudit:
    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], dict[str, Any]] = {}

    def add(self, generation: str, event: str, facts: dict[str, Any], *, now: datetime) -> None:
        place = f"{now.isoformat()}#{fingerprint([event, facts])[:12]}"
        entry = {"event": event, "at": now.isoformat(), **facts}
        self._entries.setdefault((generation, place), entry)

    def entries(self, generation: str) -> tuple[dict[str, Any], ...]:
        return tuple(entry for (of, _), entry in sorted(self._entries.items()) if of == generation)


class MemoryLinkKeys:
    def __init__(self, *keys: str) -> None:
        self.current = list(keys)

    def __call__(self) -> list[str]:
        return list(self.current)


class MemoryVerifications:
    def __init__(self, stored: Iterable[tuple[str, Verification]] = ()) -> None:
        self._stored: dict[tuple[str, str, int], Verification] = {}
        self._cross_checks: dict[tuple[str, str, str], CrossCheck] = {}
        self._certificates: dict[tuple[str, int, str], Certificate] = {}
        self.leagues: dict[tuple[str, int], tuple[LeagueRow, ...]] = {}
        for generation, verification in stored:
            self.save(generation, verification)

    def save(self, generation: str, verification: Verification) -> Verification:
        key = (generation, verification.draft, verification.attempt)
        return self._stored.setdefault(key, verification)

    def of_round(self, generation: str, round_number: int) -> tuple[Verification, ...]:
        part = f"/r{round_number}/"
        return tuple(
            verification
            for (of, draft, _), verification in self._stored.items()
            if of == generation and part in draft
        )

    def get(self, generation: str, draft: str, attempt: int) -> Verification | None:
        return self._stored.get((generation, draft, attempt))

    def save_cross_check(self, generation: str, check: CrossCheck) -> CrossCheck:
        return self._cross_checks.setdefault((generation, check.draft, check.solver), check)

    def cross_checks(self, generation: str, round_number: int) -> tuple[CrossCheck, ...]:
        found = (
            comparison for (of, *_), comparison in self._cross_checks.items() if of == generation
        )
        return tuple(comparison for comparison in found if f"/r{round_number}/" in comparison.draft)

    def save_certificates(
        self, generation: str, round_number: int, certificates: tuple[Certificate, ...]
    ) -> None:
        for certificate in certificates:
            self._certificates.setdefault(
                (generation, round_number, certificate.draft), certificate
            )

    def certificates(self, generation: str, round_number: int) -> tuple[Certificate, ...]:
        place = (generation, round_number)
        return tuple(
            certificate for key, certificate in self._certificates.items() if key[:2] == place
        )

    def save_league(
        self,
        generation: str,
        round_number: int,
        rows: tuple[LeagueRow, ...],
        costs: Mapping[str, str],
    ) -> None:
        self.leagues.setdefault((generation, round_number), rows)

    def league(self, generation: str, round_number: int) -> tuple[LeagueRow, ...]:
        return self.leagues.get((generation, round_number), ())


class MemoryAssignments:
    def __init__(self, *published: Assignment) -> None:
        self._published = list(published)
        self.bundles: dict[str, tuple[Assignment, ...]] = {}

    def publish(self, generation: str, assignments: tuple[Assignment, ...]) -> None:
        known = {assignment.assignment: assignment for assignment in self._published}
        for assignment in assignments:
            if known.get(assignment.assignment, assignment) != assignment:
                raise PublicationConflict(f"{generation}: {assignment.assignment}")
        self._published += [
            assignment for assignment in assignments if assignment.assignment not in known
        ]

    def of_module(self, course: str, module: str) -> tuple[Assignment, ...]:
        return tuple(
            assignment
            for assignment in self._published
            if (assignment.course, assignment.module) == (course, module)
        )

    def find(self, assignment: str) -> Assignment | None:
        return next(
            (published for published in self._published if published.assignment == assignment), None
        )

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        self.bundles[publication] = tuple(assignments)
        return ObjectPlace(bucket="memory", key=f"publications/{publication}.json")
