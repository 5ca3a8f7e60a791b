"""Budgets in the table: reserved under a cap, then settled to the amount actually spent."""

from coursewright.adapters.table import Item, Table, put, update
from coursewright.domain.budget import MICROS, Caps, CourseRun, Reservation
from coursewright.domain.errors import BudgetExceeded

COURSE_BUDGET_DAYS = 120  # longer than a course execution can be redriven


class DynamoBudgets:
    """A total per month or course, and a reservation per generation, changed together.

    A generation's reservation in the monthly budget grows with each round.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Reserve a round's amount once; return the generation's total reservation.

        Raises: BudgetExceeded.
        """
        pk, amount = f"BUDGET#{reservation.month}", reservation.amount
        before = self._table.get(pk, f"RESERVED#{reservation.generation}")
        reserved = int(before["amount"]) if before else 0
        if before and before.get("rounds", 1) >= reservation.round:
            return reserved
        if reserved + amount > caps.generation:
            raise BudgetExceeded(_generation_cap_message(reserved + amount, caps.generation))
        if amount > caps.month:
            raise BudgetExceeded(_month_cap_message(reservation, caps, taken=0))
        actions = [
            self._add_to_total(pk, amount, caps.month),
            self._increase(pk, reservation) if before else self._create(pk, reservation),
        ]
        is_over_cap, is_replay = self._table.failed_conditions(actions)
        if is_replay:
            return self._reserved(pk, reservation.generation) or reserved + amount
        if is_over_cap:
            taken = (self._table.get(pk, "CAP") or {}).get("reserved", 0)
            raise BudgetExceeded(_month_cap_message(reservation, caps, taken=taken))
        return reserved + amount

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace a reservation with the amount actually spent, once."""
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

    def reserve_course_share(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Reserve a generation's estimate once; return False if the course cannot afford it."""
        if amount > run.cap:
            return False
        pk, expiry = f"BUDGET#course#{run.id}", self._table.expiry(COURSE_BUDGET_DAYS)
        share = {"PK": pk, "SK": f"RESERVED#{generation}", "amount": amount, **expiry}
        total = self._add_to_total(pk, amount, run.cap, expiry)
        is_new = self._table.write([total, put(self._table.name, share)])
        return is_new or self._table.get(pk, share["SK"]) is not None

    def _add_to_total(self, pk: str, amount: int, cap: int, expiry: Item | None = None) -> Item:
        change = "SET reserved = if_not_exists(reserved, :zero) + :amount"
        values: Item = {":zero": 0, ":amount": amount, ":cap_minus_amount": cap - amount}
        if expiry:
            change += ", expires_at = :expires_at"
            values[":expires_at"] = expiry["expires_at"]
        condition = "attribute_not_exists(PK) OR reserved <= :cap_minus_amount"
        return update(self._table.name, {"PK": pk, "SK": "CAP"}, change, condition, values)

    def _reserved(self, pk: str, generation: str) -> int | None:
        item = self._table.get(pk, f"RESERVED#{generation}")
        return item["amount"] if item else None

    def _create(self, pk: str, reservation: Reservation) -> Item:
        item = {
            "PK": pk,
            "SK": f"RESERVED#{reservation.generation}",
            "amount": reservation.amount,
            "rounds": reservation.round,
            "settled": False,
        }
        return put(self._table.name, item)

    def _increase(self, pk: str, reservation: Reservation) -> Item:
        return update(
            self._table.name,
            {"PK": pk, "SK": f"RESERVED#{reservation.generation}"},
            "SET amount = amount + :amount, rounds = :round",
            "settled = :no AND (attribute_not_exists(rounds) OR rounds < :round)",
            {":amount": reservation.amount, ":round": reservation.round, ":no": False},
        )


def _generation_cap_message(amount: int, cap: int) -> str:
    return (
        f"This generation may cost {_dollars(amount)}, more than its cap of {_dollars(cap)}."
        " Raise GenerationBudgetUsd, then redrive."
    )


def _month_cap_message(reservation: Reservation, caps: Caps, *, taken: int) -> str:
    return (
        f"{reservation.month}: round {reservation.round} of this generation may cost"
        f" {_dollars(reservation.amount)}, but {_dollars(taken)} of the month's cap of"
        f" {_dollars(caps.month)} is already reserved. Raise MonthlyBudgetUsd, then redrive."
    )


def _dollars(micros: int) -> str:
    return f"${micros / MICROS:.4f}"
