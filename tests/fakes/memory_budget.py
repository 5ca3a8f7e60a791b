"""In-memory budgets for months and courses."""

from coursewright.domain.budget import Caps, CourseRun, Reservation
from coursewright.domain.errors import BudgetExceeded


class MemoryBudgets:
    """Reservations per generation and month, and shares per generation and course execution."""

    def __init__(self) -> None:
        self.reserved: dict[tuple[str, str], int] = {}
        self.course_shares: dict[tuple[str, str], int] = {}
        self._rounds: dict[tuple[str, str], int] = {}
        self._settled: set[tuple[str, str]] = set()

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Reserve a round's amount once; return the generation's total reservation.

        Raises: BudgetExceeded.
        """
        place = reservation.month, reservation.generation
        reserved = self.reserved.get(place, 0)
        if self._rounds.get(place, 0) >= reservation.round:
            return reserved
        if reserved + reservation.amount > caps.generation:
            raise BudgetExceeded("Raise GenerationBudgetUsd, then redrive.")
        taken = sum(amount for (month, _), amount in self.reserved.items() if month == place[0])
        if taken + reservation.amount > caps.month:
            raise BudgetExceeded(
                f"round {reservation.round}. Raise MonthlyBudgetUsd, then redrive."
            )
        self.reserved[place] = reserved + reservation.amount
        self._rounds[place] = reservation.round
        return self.reserved[place]

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace a reservation once with the amount actually spent."""
        place = month, generation
        if place in self.reserved and place not in self._settled:
            self.reserved[place] = spent
            self._settled.add(place)

    def reserve_course_share(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Reserve a generation's estimate once; return False if it exceeds the course's budget."""
        if (run.id, generation) in self.course_shares:
            return True
        shares = self.course_shares.items()
        taken = sum(share for (course_run, _), share in shares if course_run == run.id)
        if taken + amount > run.cap:
            return False
        self.course_shares[run.id, generation] = amount
        return True
