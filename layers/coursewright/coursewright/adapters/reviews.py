"""Reviews, task tokens, sent mails and the audit in the table, each in a partition of its own."""

import itertools
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from coursewright.adapters.edits import META, DynamoEdits
from coursewright.adapters.table import Item, Table, error_code
from coursewright.domain.base import fingerprint
from coursewright.domain.errors import (
    ResumeFailed,
    ReviewChanged,
    ReviewMissing,
    TaskTokenGone,
)
from coursewright.domain.review import MAX_WRONG_CODES, Decision, Review, require_open

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

OPEN = "REVIEWS#open"
UNDELIVERED = "REVIEWS#undelivered"
EDITED = "edition = :edition"
UNEDITED = f"shown_sha256 = :shown AND (attribute_not_exists(edition) OR {EDITED})"
KEPT_DAYS = 180  # of the note that somebody was mailed; a review is over long before
TASK_GONE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


class DynamoReviews(DynamoEdits):
    """A review's fixed facts lie in `body`, what a decision changes in attributes of its own."""

    def open(self, review: Review) -> Review:
        """Keep a pending review; the first one stands and is given back."""
        item: Item = {"PK": review.review, "SK": META, "decision": Decision.PENDING.value}
        item |= {
            "shown_sha256": review.shown_sha256,
            "wrong_codes": 0,
            "delivered": False,
            "edition": 0,
        }
        item |= {"expires": _millis(review.expires_at)}
        item |= {"GSI1PK": OPEN, "GSI1SK": f"{review.expires_at.isoformat()}#{review.review}"}
        self._table.put(item | self._bodies.pack(review.model_dump_json()))
        return self.get(review.review)

    def get(self, review: str) -> Review:
        """Return a review. Raises: ReviewMissing."""
        item = self._table.get(review, META)
        if item is None:
            raise ReviewMissing(review)
        return self._from_item(item)

    def decide(self, decided: Review) -> None:
        """Write a decision if the review is still pending and shows the same drafts.

        Raises: AlreadyDecided, ReviewChanged, ReviewExpired or ReviewLocked.
        """
        at = decided.decided_at
        assert at is not None
        written = self._table.update(
            decided.review,
            META,
            "SET decision = :decision, ruling = :ruling, GSI1PK = :undelivered,"
            " shown_sha256 = :shown",
            "decision = :pending AND expires > :now AND wrong_codes < :locked AND "
            + (EDITED if decided.edition else UNEDITED),
            {
                ":edition": decided.edition,
                ":decision": decided.decision.value,
                ":ruling": _ruling(decided),
                ":undelivered": UNDELIVERED,
                ":pending": Decision.PENDING.value,
                ":shown": decided.shown_sha256,
                ":now": _millis(at),
                ":locked": MAX_WRONG_CODES,
            },
        )
        if written is None:
            current = self.get(decided.review)
            require_open(current, now=at)
            raise ReviewChanged(decided.review)

    def invite(self, changed: Review, *, now: datetime) -> None:
        """Write who may decide, and by which links, while the review is open.

        Raises: AlreadyDecided, ReviewExpired or ReviewChanged.
        """
        written = self._table.update(
            changed.review,
            META,
            "SET ruling = :ruling, wrong_codes = :wrong_codes, edition = :next",
            "decision = :pending AND expires > :now AND "
            + (EDITED if changed.edition else f"(attribute_not_exists(edition) OR {EDITED})"),
            {
                ":ruling": _ruling(changed, is_changed=True),
                ":wrong_codes": changed.wrong_codes,
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
        """Turn pending into expired; False if a decision was faster."""
        change = "SET decision = :expired, expired_at = :now, delivered = :told"
        values: Item = {":expired": Decision.EXPIRED.value, ":pending": Decision.PENDING.value}
        values |= {":now": now.isoformat(), ":told": delivered}
        if delivered:
            change += " REMOVE GSI1PK, GSI1SK"
        else:
            change += ", GSI1PK = :undelivered"
            values |= {":undelivered": UNDELIVERED}
        return self._table.update(review, META, change, "decision = :pending", values) is not None

    def overdue(self, *, now: datetime) -> tuple[Review, ...]:
        """Return pending reviews whose time is over."""
        found = (self.get(item["PK"]) for item in self._table.query_index("GSI1", OPEN))
        due = itertools.takewhile(lambda one: one.expires_at <= now, found)
        return tuple(one for one in due if one.decision is Decision.PENDING)

    def count_wrong_code(self, review: str) -> int:
        """Count one wrong code and give their number."""
        written = self._table.update(
            review, META, "ADD wrong_codes :one", "attribute_exists(PK)", {":one": 1}
        )
        if written is None:
            raise ReviewMissing(review)
        number: int = written["wrong_codes"]
        return number

    def mark_delivered(self, review: str) -> None:
        """Note that the workflow learned of the decision."""
        self._table.update(
            review,
            META,
            "SET delivered = :yes REMOVE GSI1PK, GSI1SK",
            "decision <> :pending",
            {":yes": True, ":pending": Decision.PENDING.value},
        )

    def undelivered(self) -> tuple[Review, ...]:
        """Return decided reviews of which the workflow may not know."""
        found = self._table.query_index("GSI1", UNDELIVERED)
        return tuple(self.get(item["PK"]) for item in found)

    def _from_item(self, item: Item) -> Review:
        facts = json.loads(self._bodies.unpack(item)) | json.loads(item.get("ruling", "{}"))
        facts |= {"decision": item["decision"], "shown_sha256": item["shown_sha256"]}
        facts |= {"wrong_codes": item["wrong_codes"], "delivered": item["delivered"]}
        facts |= {"edition": item.get("edition", 0)}
        return Review.model_validate_json(json.dumps(facts))


class DynamoReviewTasks:
    """The newest task token of a review, and the call that wakes its execution."""

    def __init__(self, table: Table, engine: "SFNClient") -> None:
        self._table = table
        self._engine = engine

    def remember(self, review: Review, reminder: int, task_token: str, *, now: datetime) -> None:
        """Keep the newest token of a review."""
        self._table.put(
            {
                "PK": _token_partition(review),
                "SK": "CURRENT",
                "task_token": task_token,
                "reminder": reminder,
                "stored_at": now.isoformat(),
                "expires_at": int(review.expires_at.timestamp()) + 14 * 86_400,
            },
            "attribute_not_exists(PK) OR reminder <= :reminder",
            {":reminder": reminder},
        )

    def wake(self, review: Review) -> None:
        """Wake the execution that waits. Raises: TaskTokenGone or ResumeFailed."""
        item = self._table.get(_token_partition(review), "CURRENT")
        if item is None:
            raise TaskTokenGone(review.review)
        self.answer(item["task_token"])

    def answer(self, task_token: str) -> None:
        """Wake the execution that waits with this very token.

        Raises: TaskTokenGone or ResumeFailed.
        """
        try:
            self._engine.send_task_success(taskToken=task_token, output="{}")
        except ClientError as error:
            if error_code(error) in TASK_GONE:
                raise TaskTokenGone("nobody waits with this token any more") from error
            raise ResumeFailed(f"the engine answered {error_code(error)}") from error
        except BotoCoreError as error:
            raise ResumeFailed(f"the engine cannot be reached: {type(error).__name__}") from error


class DynamoSentMails:
    """One record per review, reviewer and reminder."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, review: str, reviewer: str, reminder: int) -> bool:
        """Return whether this mail still has to be sent."""
        return self._table.get(review, _mail_key(reviewer, reminder)) is None

    def confirm(self, review: str, reviewer: str, reminder: int) -> None:
        """Note that the mail was handed over."""
        mailed = {"PK": review, "SK": _mail_key(reviewer, reminder)}
        self._table.put(mailed | self._table.ends_in(KEPT_DAYS))


class DynamoAudit:
    """Entries that are only ever added."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, generation: str, event: str, facts: dict[str, Any], *, now: datetime) -> None:
        """Keep one entry; the same entry again changes nothing."""
        name = fingerprint([event, facts])[:12]
        entry = {"event": event, "at": now.isoformat(), **facts}
        self._table.put(
            {
                "PK": f"AUDIT#{generation}",
                "SK": f"{now.isoformat()}#{name}",
                "entry": json.dumps(entry),
            }
        )

    def entries(self, generation: str) -> tuple[dict[str, Any], ...]:
        """Return the entries of a generation in order of time."""
        items = self._table.query(f"AUDIT#{generation}")
        return tuple(json.loads(item["entry"]) for item in items)


def _token_partition(review: Review) -> str:
    return f"TOKEN#{review.generation}#{review.round}"


def _mail_key(reviewer: str, reminder: int) -> str:
    return f"MAIL#{reviewer}#{reminder}"


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _ruling(decided: Review, *, is_changed: bool = False) -> str:
    names = {"approved", "rejected", "notes", "decided_by", "decided_at"}
    if decided.edition or is_changed:
        names |= {"drafts", "reviewers", "link_salts", "renewals", "renewed_at"}
    return decided.model_dump_json(include=names)
