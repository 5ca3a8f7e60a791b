"""The month's money, kept in memory."""

from coursewright.domain.budget import Caps, Reservation
from coursewright.domain.errors import BudgetExceeded


class MemoryBudget:
    """One sum per generation and month; a settled one counts what was spent."""

    def __init__(self) -> None:
        self.reserved: dict[tuple[str, str], int] = {}
        self._rounds: dict[tuple[str, str], int] = {}
        self._settled: set[tuple[str, str]] = set()

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Set a round's amount aside, once; gives what the generation has set aside.

        Raises: BudgetExceeded.
        """
        place = reservation.month, reservation.generation
        held = self.reserved.get(place, 0)
        if self._rounds.get(place, 0) >= reservation.round:
            return held
        if held + reservation.amount > caps.generation:
            raise BudgetExceeded("Raise GenerationBudgetUsd, then redrive.")
        taken = sum(amount for (month, _), amount in self.reserved.items() if month == place[0])
        if taken + reservation.amount > caps.month:
            raise BudgetExceeded(
                f"round {reservation.round}. Raise MonthlyBudgetUsd, then redrive."
            )
        self.reserved[place] = held + reservation.amount
        self._rounds[place] = reservation.round
        return self.reserved[place]

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace the reservation by what was really spent, once."""
        place = month, generation
        if place in self.reserved and place not in self._settled:
            self.reserved[place] = spent
            self._settled.add(place)
