"""What the agents read and write: prompts, models, drafts, and answers that are paid once."""

from datetime import datetime
from typing import Protocol

from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.model_call import Agent, Answer, AnswerKey, ListedModel, ModelCall, Price


class Prompts(Protocol):
    """Prompts as they were sent, found by their sha256."""

    def save(self, text: str) -> str:
        """Keep a prompt and give its sha256."""
        ...


class RawAnswers(Protocol):
    """Answers as providers sent them, for audit, found by their sha256 until they are forgotten."""

    def save(self, text: str) -> str:
        """Keep an answer and give its sha256."""
        ...


class Answers(Protocol):
    """The replay ledger: an accepted answer is found again, never paid again."""

    def accepted(self, key: AnswerKey) -> Answer | None:
        """Return the accepted answer, if there is one."""
        ...

    def start(self, key: AnswerKey, *, lease: str, now: datetime, until: datetime) -> None:
        """Mark a call in flight. Raises: ModelCallInFlight while another lease runs."""
        ...

    def accept(self, key: AnswerKey, answer: Answer, *, lease: str) -> None:
        """Keep an answer before it is used. Raises: ModelCallInFlight if the lease was lost."""
        ...

    def refuse(self, key: AnswerKey, call: ModelCall, *, lease: str) -> None:
        """Record a paid answer that cannot be used, and free the lease."""
        ...

    def release(self, key: AnswerKey, *, lease: str) -> None:
        """Free the lease of a call that brought no answer."""
        ...

    def calls(self, agent: Agent, generation: str) -> tuple[ModelCall, ...]:
        """Return every paid call of an agent in a generation."""
        ...


class Drafts(Protocol):
    """What the agents wrote, each part under its own agent's key.

    A save of the same content again is a replay. Raises: DraftConflict for other content.
    """

    def save_drafts(self, drafts: tuple[Draft, ...]) -> None:
        """Keep all drafts of one answer, or none."""
        ...

    def save_tests(self, generation: str, tests: DraftTests) -> None:
        """Keep the tests of one attempt."""
        ...

    def save_solution(self, generation: str, solution: DraftSolution) -> None:
        """Keep the solution of one attempt."""
        ...

    def save_blind_solution(self, generation: str, solver: str, solution: DraftSolution) -> None:
        """Keep how another model solved a draft from its text and starter alone."""
        ...

    def blind_solution(self, generation: str, draft: str, solver: str) -> DraftSolution:
        """Return how another model solved a draft. Raises: DraftMissing."""
        ...

    def save_hint(self, generation: str, hint: DraftHint) -> None:
        """Keep the hint of a draft."""
        ...

    def hint(self, generation: str, draft: str) -> DraftHint | None:
        """Return the hint of a draft, if one was asked for."""
        ...

    def get(self, generation: str, draft: str) -> Draft:
        """Return a draft. Raises: DraftMissing."""
        ...

    def of_round(self, generation: str, round_number: int) -> tuple[Draft, ...]:
        """Return all drafts of a round, by task number, then model."""
        ...

    def latest_tests(self, generation: str, draft: str, *, attempt: int) -> DraftTests | None:
        """Return the newest tests written up to an attempt."""
        ...

    def latest_solution(self, generation: str, draft: str, *, attempt: int) -> DraftSolution | None:
        """Return the newest solution written up to an attempt."""
        ...

    def tests_of_round(self, generation: str, round_number: int) -> tuple[DraftTests, ...]:
        """Return the tests of a round, of every attempt."""
        ...

    def solutions_of_round(self, generation: str, round_number: int) -> tuple[DraftSolution, ...]:
        """Return the solutions of a round, of every attempt."""
        ...

    def hints_of_round(self, generation: str, round_number: int) -> tuple[DraftHint, ...]:
        """Return the hints of a round."""
        ...


class KnownModels(Protocol):
    """The registry of models, as far as steps without agents need it."""

    def get(self, model: str) -> object:
        """Return a model's entry. Raises: ModelNotUsable or ModelDisabled."""
        ...

    def price(self, model: str) -> Price:
        """Return a model's price; an unknown model has an unknown price."""
        ...


class ModelKeys(Protocol):
    """Keys to the providers."""

    def get(self, name: str) -> str:
        """Return a key, or an empty text where none is set."""
        ...


class ModelCatalogue(Protocol):
    """The models that a course author may choose from."""

    def models(self) -> tuple[ListedModel, ...]:
        """Return all models of the registry, with what keeps some from being called."""
        ...
