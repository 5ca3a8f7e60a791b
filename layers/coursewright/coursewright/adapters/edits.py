"""Reviewers' edits and saved selections, stored in the review's partition."""

from datetime import datetime

from coursewright.adapters.access import DynamoAccess
from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.table import ABSENT, Item, Table, put, update
from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.errors import EditConflict
from coursewright.domain.review import Decision, Review, SavedSelection

META = "META"
EDIT, CHECKED, SELECTION = "EDIT#", "CHECKED#", "SELECTION#"
NEXT_EDITION = "ADD edition :one"
PENDING = "decision = :pending"
OPEN = f"{PENDING} AND expires > :now"


class DynamoEdits(DynamoAccess):
    """Edits and saved selections; each edit or verification starts a new edition of the page."""

    def __init__(self, table: Table, blobs: BlobStore) -> None:
        super().__init__(table)
        self._blobs = blobs

    def edits(self, review: Review) -> tuple[Edit, ...]:
        """Return all edits of a review's drafts with their verifications, by draft and number."""
        if not review.edition:
            return ()
        # Read verifications first, so that each one's edit is certain to be found.
        checks = {
            (check.draft, check.number): check
            for check in map(self._check, self._table.query(review.review, CHECKED))
        }
        edits = map(self._edit, self._table.query(review.review, EDIT))
        return tuple(
            edit.model_copy(update={"check": checks.get((edit.draft, edit.number))})
            for edit in sorted(edits, key=lambda edit: (edit.draft, edit.number))
        )

    def save_edit(self, review: str, edit: Edit, *, now: datetime) -> None:
        """Store an edit while the review is open.

        Raises: EditConflict if the number is taken or the review is not open.
        """
        values: Item = {":one": 1, ":pending": Decision.PENDING.value}
        values |= {":now": int(now.timestamp() * 1000)}
        key = {"PK": review, "SK": f"{EDIT}{edit.draft}#{edit.number:03}"}
        item = key | self._blobs.pack(edit.model_dump_json(exclude={"check"}))
        written = self._table.write(
            [
                put(self._table.name, item),
                update(self._table.name, {"PK": review, "SK": META}, NEXT_EDITION, OPEN, values),
            ]
        )
        if not written:
            raise EditConflict(edit.draft)

    def save_check(self, review: str, check: EditCheck) -> bool:
        """Store an edit's verification once; return False if one exists or the review is closed."""
        values: Item = {":one": 1, ":pending": Decision.PENDING.value}
        key = {"PK": review, "SK": f"{CHECKED}{check.draft}#{check.number:03}"}
        item = key | self._blobs.pack(check.model_dump_json())
        return self._table.write(
            [
                put(self._table.name, item),
                update(self._table.name, {"PK": review, "SK": META}, NEXT_EDITION, PENDING, values),
            ]
        )

    def save_selection(self, review: str, reviewer: str, selection: SavedSelection) -> None:
        """Store a reviewer's unsubmitted selection, replacing any previous one."""
        key = {"PK": review, "SK": f"{SELECTION}{reviewer}"}
        item = key | {"selection": selection.model_dump_json()}
        self._table.put(item, f"{ABSENT} OR SK = :sk", {":sk": key["SK"]})

    def selection(self, review: str, reviewer: str) -> SavedSelection:
        """Return a reviewer's unsubmitted selection."""
        item = self._table.get(review, f"{SELECTION}{reviewer}")
        return SavedSelection.model_validate_json(item["selection"]) if item else SavedSelection()

    def _edit(self, item: Item) -> Edit:
        return Edit.model_validate_json(self._blobs.unpack(item))

    def _check(self, item: Item) -> EditCheck:
        return EditCheck.model_validate_json(self._blobs.unpack(item))
