"""The month's money in the table: reserved under a cap, settled by what was spent."""

from coursewright.adapters.table import Item, Table, put, update
from coursewright.domain.budget import MICROS, Caps, Reservation
from coursewright.domain.errors import BudgetExceeded


class DynamoBudget:
    """One sum per month, one reservation per generation that grows by round, changed together."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Set a round's amount aside, once; gives what the generation has set aside.

        Raises: BudgetExceeded.
        """
        pk, amount = f"BUDGET#{reservation.month}", reservation.amount
        before = self._table.get(pk, f"RESERVED#{reservation.generation}")
        held = int(before["amount"]) if before else 0
        if before and before.get("rounds", 1) >= reservation.round:
            return held
        if held + amount > caps.generation:
            raise BudgetExceeded(_too_much_for_one(held + amount, caps.generation))
        if amount > caps.month:
            raise BudgetExceeded(_too_much_for_the_month(reservation, caps, taken=0))
        actions = [
            update(
                self._table.name,
                {"PK": pk, "SK": "CAP"},
                "SET reserved = if_not_exists(reserved, :nothing) + :amount",
                "attribute_not_exists(PK) OR reserved <= :cap_minus_estimate",
                {":nothing": 0, ":amount": amount, ":cap_minus_estimate": caps.month - amount},
            ),
            self._more(pk, reservation) if before else self._first(pk, reservation),
        ]
        too_much, is_replay = self._table.failed_conditions(actions)
        if is_replay:
            return self._reserved(pk, reservation.generation) or held + amount
        if too_much:
            taken = (self._table.get(pk, "CAP") or {}).get("reserved", 0)
            raise BudgetExceeded(_too_much_for_the_month(reservation, caps, taken=taken))
        return held + amount

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

    def _first(self, pk: str, wanted: Reservation) -> Item:
        item = {
            "PK": pk,
            "SK": f"RESERVED#{wanted.generation}",
            "amount": wanted.amount,
            "rounds": wanted.round,
            "settled": False,
        }
        return put(self._table.name, item)

    def _more(self, pk: str, wanted: Reservation) -> Item:
        return update(
            self._table.name,
            {"PK": pk, "SK": f"RESERVED#{wanted.generation}"},
            "SET amount = amount + :amount, rounds = :round",
            "settled = :no AND (attribute_not_exists(rounds) OR rounds < :round)",
            {":amount": wanted.amount, ":round": wanted.round, ":no": False},
        )


def _too_much_for_one(amount: int, cap: int) -> str:
    return (
        f"This generation may cost {_dollars(amount)}, more than its cap of {_dollars(cap)}."
        " Raise GenerationBudgetUsd, then redrive."
    )


def _too_much_for_the_month(wanted: Reservation, caps: Caps, *, taken: int) -> str:
    return (
        f"{wanted.month}: round {wanted.round} of this generation may cost"
        f" {_dollars(wanted.amount)}, {_dollars(taken)} of the month's cap of"
        f" {_dollars(caps.month)} is taken. Raise MonthlyBudgetUsd, then redrive."
    )


def _dollars(micros: int) -> str:
    return f"${micros / MICROS:.4f}"
