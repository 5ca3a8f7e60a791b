"""Reviewers' edits and marks in the table, in the partition of their review."""

from datetime import datetime

from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.table import ABSENT, Item, Table, put, update
from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.errors import EditConflict
from coursewright.domain.review import MAX_WRONG_CODES, Decision, Review, SavedSelection

META = "META"
EDIT, CHECKED, SELECTION = "EDIT#", "CHECKED#", "SELECTION#"
MORE = "ADD edition :one"
PENDING = "decision = :pending"
OPEN = f"{PENDING} AND expires > :now AND wrong_codes < :locked"


class DynamoEdits:
    """Versions of drafts; each one, and each finding on one, begins another edition of the page."""

    def __init__(self, table: Table, blobs: BlobStore) -> None:
        self._table = table
        self._blobs = blobs

    def edits(self, review: Review) -> tuple[Edit, ...]:
        """Return all edits of a review's drafts with their verification, sorted by number."""
        if not review.edition:
            return ()
        # Findings first: one that arrives in between is missing, and none is without its edit.
        checks = {
            (check.draft, check.number): check
            for check in map(self._check, self._table.query(review.review, CHECKED))
        }
        versions = map(self._edit, self._table.query(review.review, EDIT))
        return tuple(
            one.model_copy(update={"check": checks.get((one.draft, one.number))})
            for one in sorted(versions, key=lambda one: (one.draft, one.number))
        )

    def save_edit(self, review: str, edit: Edit, *, now: datetime) -> None:
        """Store an edit while the review is open.

        Raises: EditConflict if the number is taken or the review is not open.
        """
        values: Item = {":one": 1, ":pending": Decision.PENDING.value, ":locked": MAX_WRONG_CODES}
        values |= {":now": int(now.timestamp() * 1000)}
        place = {"PK": review, "SK": f"{EDIT}{edit.draft}#{edit.number:03}"}
        version = place | self._blobs.pack(edit.model_dump_json(exclude={"check"}))
        written = self._table.write(
            [
                put(self._table.name, version),
                update(self._table.name, {"PK": review, "SK": META}, MORE, OPEN, values),
            ]
        )
        if not written:
            raise EditConflict(edit.draft)

    def save_check(self, review: str, check: EditCheck) -> bool:
        """Store an edit's verification once; return False if it exists or the review has ended."""
        values: Item = {":one": 1, ":pending": Decision.PENDING.value}
        place = {"PK": review, "SK": f"{CHECKED}{check.draft}#{check.number:03}"}
        found = place | self._blobs.pack(check.model_dump_json())
        return self._table.write(
            [
                put(self._table.name, found),
                update(self._table.name, {"PK": review, "SK": META}, MORE, PENDING, values),
            ]
        )

    def save_selection(self, review: str, reviewer: str, selection: SavedSelection) -> None:
        """Store a reviewer's unsent selection, replacing the previous one."""
        place = {"PK": review, "SK": f"{SELECTION}{reviewer}"}
        item = place | {"selection": selection.model_dump_json()}
        self._table.put(item, f"{ABSENT} OR SK = :sk", {":sk": place["SK"]})

    def selection(self, review: str, reviewer: str) -> SavedSelection:
        """Return a reviewer's unsent selection."""
        item = self._table.get(review, f"{SELECTION}{reviewer}")
        return SavedSelection.model_validate_json(item["selection"]) if item else SavedSelection()

    def _edit(self, item: Item) -> Edit:
        return Edit.model_validate_json(self._blobs.unpack(item))

    def _check(self, item: Item) -> EditCheck:
        return EditCheck.model_validate_json(self._blobs.unpack(item))
