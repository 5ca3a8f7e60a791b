"""What the first round of a generation may cost, before anything is paid."""

from coursewright.domain.base import Record


class ModelCost(Record):
    """A model's estimated cost in micro-dollars; `micros` is None if its price is unknown."""

    model: str
    micros: int | None
    counted_micros: int


class CostEstimate(Record):
    """The estimated cost of the first round."""

    costs: tuple[ModelCost, ...]
    calls: int
    drafts: int
    lesson_characters: int

    @property
    def counted_micros(self) -> int:
        """The amount that the budget would reserve, in micro-dollars."""
        return sum(cost.counted_micros for cost in self.costs)
