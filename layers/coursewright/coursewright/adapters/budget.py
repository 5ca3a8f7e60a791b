"""The month's money in the table: reserved under a cap, settled by what was spent."""

from coursewright.adapters.table import Table, put, update
from coursewright.domain.errors import BudgetExceeded


class DynamoBudget:
    """One sum per month, one reservation per generation, changed together."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, month: str, generation: str, amount: int, *, cap: int) -> int:
        """Set an amount aside, once; gives what is set aside. Raises: BudgetExceeded."""
        pk = f"BUDGET#{month}"
        reserved = self._reserved(pk, generation)
        if reserved is not None:
            return reserved
        if amount > cap:
            raise BudgetExceeded(self._sentence(month, amount, cap, 0))
        self._table.put({"PK": pk, "SK": "CAP", "reserved": 0})
        too_much, taken = self._table.failed_conditions(
            [
                update(
                    self._table.name,
                    {"PK": pk, "SK": "CAP"},
                    "SET reserved = reserved + :amount",
                    "reserved <= :cap_minus_estimate",
                    {":amount": amount, ":cap_minus_estimate": cap - amount},
                ),
                put(self._table.name, self._reservation(pk, generation, amount)),
            ]
        )
        if taken:
            return self._reserved(pk, generation) or amount
        if too_much:
            now_reserved = (self._table.get(pk, "CAP") or {}).get("reserved", 0)
            raise BudgetExceeded(self._sentence(month, amount, cap, now_reserved))
        return amount

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace the reservation by what was really spent, once."""
        pk = f"BUDGET#{month}"
        reserved = self._reserved(pk, generation)
        if reserved is None:
            return
        difference = spent - reserved
        self._table.write(
            [
                update(
                    self._table.name,
                    {"PK": pk, "SK": "CAP"},
                    "SET reserved = reserved + :difference",
                    "attribute_exists(PK)",
                    {":difference": difference},
                ),
                update(
                    self._table.name,
                    {"PK": pk, "SK": f"RESERVED#{generation}"},
                    "SET settled = :yes, spent = :spent",
                    "attribute_exists(PK) AND settled = :no",
                    {":yes": True, ":no": False, ":spent": spent},
                ),
            ]
        )

    def _reserved(self, pk: str, generation: str) -> int | None:
        item = self._table.get(pk, f"RESERVED#{generation}")
        return item["amount"] if item else None

    @staticmethod
    def _reservation(pk: str, generation: str, amount: int) -> dict[str, object]:
        return {"PK": pk, "SK": f"RESERVED#{generation}", "amount": amount, "settled": False}

    @staticmethod
    def _sentence(month: str, amount: int, cap: int, reserved: int) -> str:
        return (
            f"{month}: this generation may cost ${amount / 1e6:.4f}, ${reserved / 1e6:.4f} of the"
            f" cap of ${cap / 1e6:.2f} is taken. Raise MonthlyBudgetUsd, then redrive."
        )
