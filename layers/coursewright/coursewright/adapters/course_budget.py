"""A course's budget in the table: each generation takes its estimate before it is started."""

from coursewright.adapters.table import Table, put, update
from coursewright.domain.budget import CourseRun

DAYS_KEPT = 120  # longer than a run can be redriven


class DynamoCourseBudget:
    """One sum per run, one share per generation, written together or not at all."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Set a generation's estimate aside, once; False where it does not fit."""
        if amount > run.cap:
            return False
        pk, end = f"BUDGET#course#{run.id}", self._table.ends_in(DAYS_KEPT)
        total = update(
            self._table.name,
            {"PK": pk, "SK": "CAP"},
            "SET reserved = if_not_exists(reserved, :nothing) + :amount, expires_at = :end",
            "attribute_not_exists(PK) OR reserved <= :cap_minus_estimate",
            {
                ":nothing": 0,
                ":amount": amount,
                ":cap_minus_estimate": run.cap - amount,
                ":end": end["expires_at"],
            },
        )
        share = {"PK": pk, "SK": f"RESERVED#{generation}", "amount": amount, **end}
        is_new = self._table.write([total, put(self._table.name, share)])
        return is_new or self._table.get(pk, share["SK"]) is not None
