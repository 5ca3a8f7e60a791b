"""The estimated cost of a generation's first round, before anything is spent."""

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
        """The amount that would be reserved in the budget, in micro-dollars."""
        return sum(cost.counted_micros for cost in self.costs)
