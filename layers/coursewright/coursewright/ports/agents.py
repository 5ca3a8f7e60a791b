"""What the agents read and write: prompts, models, drafts, and answers that are paid for once."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.model_call import (
    Agent,
    Answer,
    AnswerKey,
    ApiKey,
    ListedModel,
    ModelCall,
    Price,
)


class Answers(Protocol):
    """The replay ledger, with prompts and responses: an accepted answer is never paid for again."""

    def accepted(self, key: AnswerKey) -> Answer | None:
        """Return the accepted answer, if there is one."""
        ...

    def start(self, key: AnswerKey, *, lease: str, now: datetime, until: datetime) -> None:
        """Mark a call as in flight. Raises: ModelCallInFlight while another lease is valid."""
        ...

    def accept(self, key: AnswerKey, answer: Answer, *, lease: str) -> None:
        """Store an answer before it is used. Raises: ModelCallInFlight if the lease was lost."""
        ...

    def refuse(self, key: AnswerKey, call: ModelCall, *, lease: str) -> None:
        """Record a paid but unusable answer and release the lease."""
        ...

    def release(self, key: AnswerKey, *, lease: str) -> None:
        """Release the lease for a call that returned no answer."""
        ...

    def calls(self, agent: Agent, generation: str) -> tuple[ModelCall, ...]:
        """Return every paid call that an agent made in a generation."""
        ...

    def save_prompt(self, text: str) -> str:
        """Store a prompt as sent and return its sha256."""
        ...

    def save_response(self, text: str) -> str:
        """Store a provider's response as received and return its sha256."""
        ...


class BuiltPrompts(Protocol):
    """Prompts built at the start of a round, for the agents to send."""

    def save(self, generation: str, round_number: int, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Store a round's texts and return their sha256; idempotent."""
        ...

    def read(self, sha256: str) -> str | None:
        """Return a built text, or None if it has expired."""
        ...


class Drafts(Protocol):
    """Everything the agents wrote, each part under its own agent's key.

    Saving the same content again has no effect. Raises: DraftConflict for different content.
    """

    def save_drafts(self, drafts: tuple[Draft, ...]) -> None:
        """Store all drafts of one answer, or none."""
        ...

    def save_tests(self, generation: str, tests: DraftTests) -> None:
        """Store the tests of one attempt."""
        ...

    def save_solution(self, generation: str, solution: DraftSolution) -> None:
        """Store the solution of one attempt."""
        ...

    def save_blind_solution(self, generation: str, solver: str, solution: DraftSolution) -> None:
        """Store another model's solution, written from the draft's text and starter alone."""
        ...

    def blind_solution(self, generation: str, draft: str, solver: str) -> DraftSolution:
        """Return another model's solution to a draft. Raises: DraftMissing."""
        ...

    def save_hint(self, generation: str, hint: DraftHint) -> None:
        """Store the hint of a draft."""
        ...

    def hint(self, generation: str, draft: str) -> DraftHint | None:
        """Return the hint of a draft, if one was requested."""
        ...

    def get(self, generation: str, draft: str) -> Draft:
        """Return a draft. Raises: DraftMissing."""
        ...

    def of_round(self, generation: str, round_number: int) -> tuple[Draft, ...]:
        """Return all drafts of a round, sorted by task number, then model."""
        ...

    def latest_tests(self, generation: str, draft: str, *, attempt: int) -> DraftTests | None:
        """Return the newest tests written up to and including an attempt."""
        ...

    def latest_solution(self, generation: str, draft: str, *, attempt: int) -> DraftSolution | None:
        """Return the newest solution written up to and including an attempt."""
        ...

    def tests_of_round(self, generation: str, round_number: int) -> tuple[DraftTests, ...]:
        """Return all tests of a round, from every attempt."""
        ...

    def solutions_of_round(self, generation: str, round_number: int) -> tuple[DraftSolution, ...]:
        """Return all solutions of a round, from every attempt."""
        ...

    def hints_of_round(self, generation: str, round_number: int) -> tuple[DraftHint, ...]:
        """Return the hints of a round."""
        ...


class Models(Protocol):
    """The part of the model registry used by steps that run no agent."""

    def get(self, model: str) -> object:
        """Return a model's entry. Raises: ModelNotUsable or ModelDisabled."""
        ...

    def price(self, model: str) -> Price:
        """Return a model's price; an unknown model has an unknown price."""
        ...

    def context_tokens(self, model: str) -> int | None:
        """Return the size of a model's context window, or None if it is unknown."""
        ...


type ModelKey = Callable[[str], ApiKey]
"""Returns a provider's API key by name, empty if it is not set. Raises: ModelNotUsable."""

type ListModels = Callable[[], tuple[ListedModel, ...]]
"""Returns all registered models, each with what it still needs before it can be called."""
