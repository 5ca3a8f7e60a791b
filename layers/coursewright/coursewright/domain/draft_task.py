"""Input of the steps in which a model works on one draft."""

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.model_call import Agent, AnswerKey


class DraftTask(Record):
    """Input of a step in which a model works on one draft."""

    generation: str
    round: int = Field(ge=1)
    model: str
    draft: str

    def answer_key(self, agent: Agent, attempt: int = 0) -> AnswerKey:
        """Return the ledger key of this task's answer."""
        return AnswerKey(
            agent=agent,
            generation=self.generation,
            model=self.model,
            round=self.round,
            step=f"{agent}:{self.draft}:{attempt}",
        )
