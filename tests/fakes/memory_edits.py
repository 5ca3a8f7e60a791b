"""In-memory edits and saved selections of a review."""

from datetime import datetime
from typing import Any

from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.errors import EditConflict, ReviewError
from coursewright.domain.review import Decision, Review, SavedSelection, require_open
from tests.fakes.memory_access import MemoryAccess


class MemoryEdits(MemoryAccess):
    _reviews: dict[str, Review]

    def __init__(self) -> None:
        super().__init__()
        self._versions: dict[tuple[str, str, int], Edit] = {}
        self._checks: dict[tuple[str, str, int], EditCheck] = {}
        self._selections: dict[tuple[str, str], SavedSelection] = {}

    def edits(self, review: Review) -> tuple[Edit, ...]:
        found = sorted(item for item in self._versions.items() if item[0][0] == review.review)
        return tuple(
            edit.model_copy(update={"check": self._checks.get(key)}) for key, edit in found
        )

    def save_edit(self, review: str, edit: Edit, *, now: datetime) -> None:
        key = (review, edit.draft, edit.number)
        try:
            require_open(self._reviews[review], now=now)
        except ReviewError as error:
            raise EditConflict(edit.draft) from error
        if key in self._versions:
            raise EditConflict(edit.draft)
        self._versions[key] = edit.model_copy(update={"check": None})
        self._start_edition(review)

    def save_check(self, review: str, check: EditCheck) -> bool:
        key = (review, check.draft, check.number)
        is_pending = self._reviews[review].decision is Decision.PENDING
        if key in self._checks or not is_pending:
            return False
        self._checks[key] = check
        self._start_edition(review)
        return True

    def save_selection(self, review: str, reviewer: str, selection: SavedSelection) -> None:
        self._selections[review, reviewer] = selection

    def selection(self, review: str, reviewer: str) -> SavedSelection:
        return self._selections.get((review, reviewer), SavedSelection())

    def _start_edition(self, review: str) -> None:
        current = self._reviews[review]
        self._change(current, edition=current.edition + 1)

    def _change(self, review: Review, **update: Any) -> None:
        raise NotImplementedError
