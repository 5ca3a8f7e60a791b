"""In-memory ports for the agents' steps: clock, lessons, drafts, answers, prompts and keys."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from coursewright.domain.assignment import Draft, DraftHint, DraftSolution, DraftTests
from coursewright.domain.base import text_sha256
from coursewright.domain.errors import DraftConflict, DraftMissing, EventInvalid, ModelCallInFlight
from coursewright.domain.generation import UNFINISHED, Generation, GenerationStatus
from coursewright.domain.lesson import (
    PLACE_FIELD,
    LessonPointer,
    ObjectPlace,
    require_lesson_size,
)
from coursewright.domain.model_call import Agent, Answer, AnswerKey, ApiKey, ModelCall

PartT = TypeVar("PartT")


class FixedClock:
    """A clock that advances only when a test advances it."""

    def __init__(self, now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the fixed time."""
        return self._now

    def move(self, seconds: float) -> None:
        """Advance the clock."""
        self._now += timedelta(seconds=seconds)


class MemoryLessons:
    """Lesson snapshots, and uploads by object key."""

    def __init__(self, placed: dict[tuple[str, str], str] | None = None) -> None:
        self._texts: dict[str, str] = {}
        self.uploads: dict[str, str] = {}
        self._placed = placed or {}

    def save(self, html: str, *, course: str = "") -> LessonPointer:
        """Store a text under its sha256."""
        sha256 = text_sha256(html)
        self._texts[sha256] = html
        return LessonPointer(bucket="memory", key=f"lessons/{sha256}", sha256=sha256)

    def read(self, pointer: LessonPointer) -> str:
        """Return a snapshot's text."""
        return self._texts[pointer.sha256]

    def fetch(self, place: ObjectPlace) -> str:
        """Read a lesson that the course platform has stored. Raises: EventInvalid."""
        try:
            html = self._placed[place.bucket, place.key]
        except KeyError as error:
            raise EventInvalid(PLACE_FIELD, f"no object {place.key}") from error
        require_lesson_size(len(html.encode()), PLACE_FIELD)
        return html

    def save_upload(self, html: str) -> ObjectPlace:
        """Store an author's lesson under its sha256."""
        key = f"uploads/{text_sha256(html)}.html"
        self.uploads[key] = html
        return ObjectPlace(bucket="memory", key=key)


class MemoryGenerations:
    """Claimed generations."""

    def __init__(self, *generations: Generation) -> None:
        self._generations = {item.request.generation: item for item in generations}

    def get(self, generation: str) -> Generation:
        """Return a generation. Raises: DraftMissing."""
        if generation not in self._generations:
            raise DraftMissing(f"{generation} is not claimed")
        return self._generations[generation]

    def is_claimed(self, generation: str) -> bool:
        """Return whether an execution has claimed this generation."""
        return generation in self._generations

    def close(self, generation: str, status: GenerationStatus, *, now: datetime) -> None:
        """Store the final status; idempotent."""
        self._change(self.get(generation), status)

    def list_month(self, month: str) -> tuple[str, ...]:
        """Return the ids of generations started in a month (`YYYY-MM`), newest first."""
        started = [item for item in self._all() if f"{item.started_at:%Y-%m}" == month]
        newest = sorted(started, key=lambda item: item.started_at, reverse=True)
        return tuple(item.request.generation for item in newest)

    def list_unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Return the unclosed generations from these months (`YYYY-MM`)."""
        wanted = set(months)
        return tuple(
            item
            for item in self._all()
            if item.status in UNFINISHED and f"{item.started_at:%Y-%m}" in wanted
        )

    def change_status(self, seen: Generation, status: GenerationStatus) -> bool:
        """Change a generation's status; return False if it has changed since it was read."""
        current = self.get(seen.request.generation)
        if current.status is not seen.status:
            return False
        self._change(current, status)
        return True

    def _all(self) -> tuple[Generation, ...]:
        return tuple(self._generations.values())

    def _change(self, generation: Generation, status: GenerationStatus) -> None:
        changed = generation.model_copy(update={"status": status})
        self._generations[generation.request.generation] = changed


class MemoryDrafts:
    """The agents' work; saving different content under the same key is a conflict."""

    def __init__(self) -> None:
        self.saves = 0
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._tests: dict[tuple[str, str, int], DraftTests] = {}
        self._solutions: dict[tuple[str, str, int], DraftSolution] = {}
        self._blind: dict[tuple[str, str, str], DraftSolution] = {}
        self._hints: dict[tuple[str, str], DraftHint] = {}

    def save_drafts(self, drafts: tuple[Draft, ...]) -> None:
        """Store all drafts from one answer, or none."""
        self.saves += 1
        new = {(candidate.generation, candidate.draft): candidate for candidate in drafts}
        for place, draft in new.items():
            _require_same(self._drafts.get(place), draft)
        self._drafts |= new

    def save_tests(self, generation: str, tests: DraftTests) -> None:
        """Store the tests of one attempt."""
        self.saves += 1
        place = (generation, tests.draft, tests.attempt)
        _require_same(self._tests.get(place), tests)
        self._tests[place] = tests

    def save_solution(self, generation: str, solution: DraftSolution) -> None:
        """Store the solution of one attempt."""
        self.saves += 1
        place = (generation, solution.draft, solution.attempt)
        _require_same(self._solutions.get(place), solution)
        self._solutions[place] = solution

    def save_blind_solution(self, generation: str, solver: str, solution: DraftSolution) -> None:
        """Store another model's solution, based only on the draft's text and starter code."""
        self.saves += 1
        place = (generation, solution.draft, solver)
        _require_same(self._blind.get(place), solution)
        self._blind[place] = solution

    def blind_solution(self, generation: str, draft: str, solver: str) -> DraftSolution:
        """Return another model's solution for a draft. Raises: DraftMissing."""
        if (generation, draft, solver) not in self._blind:
            raise DraftMissing(f"{generation}: {draft} has no solution by {solver}")
        return self._blind[generation, draft, solver]

    def save_hint(self, generation: str, hint: DraftHint) -> None:
        """Store the hint of a draft."""
        self.saves += 1
        place = (generation, hint.draft)
        _require_same(self._hints.get(place), hint)
        self._hints[place] = hint

    def hint(self, generation: str, draft: str) -> DraftHint | None:
        """Return the hint of a draft, if one was requested."""
        return self._hints.get((generation, draft))

    def get(self, generation: str, draft: str) -> Draft:
        """Return a draft. Raises: DraftMissing."""
        if (generation, draft) not in self._drafts:
            raise DraftMissing(f"{generation}: {draft}")
        return self._drafts[generation, draft]

    def of_round(self, generation: str, round_number: int) -> tuple[Draft, ...]:
        """Return all drafts of a round, sorted by task number and model."""
        found = (
            draft
            for (owner, _), draft in self._drafts.items()
            if owner == generation and draft.round == round_number
        )
        return tuple(sorted(found, key=lambda draft: (draft.number, draft.model)))

    def latest_tests(self, generation: str, draft: str, *, attempt: int) -> DraftTests | None:
        """Return the newest tests up to and including an attempt."""
        found = (self._tests.get((generation, draft, at)) for at in range(attempt, -1, -1))
        return next((part for part in found if part), None)

    def latest_solution(self, generation: str, draft: str, *, attempt: int) -> DraftSolution | None:
        """Return the newest solution up to and including an attempt."""
        found = (self._solutions.get((generation, draft, at)) for at in range(attempt, -1, -1))
        return next((part for part in found if part), None)

    def tests_of_round(self, generation: str, round_number: int) -> tuple[DraftTests, ...]:
        """Return the tests from all attempts in a round."""
        return self._of_round(self._tests, generation, round_number)

    def solutions_of_round(self, generation: str, round_number: int) -> tuple[DraftSolution, ...]:
        """Return the solutions from all attempts in a round."""
        return self._of_round(self._solutions, generation, round_number)

    def hints_of_round(self, generation: str, round_number: int) -> tuple[DraftHint, ...]:
        """Return all hints in a round."""
        return self._of_round(self._hints, generation, round_number)

    @staticmethod
    def _of_round(
        stored: Mapping[tuple[Any, ...], PartT], generation: str, round_number: int
    ) -> tuple[PartT, ...]:
        in_round = f"/r{round_number}/"
        return tuple(
            part for key, part in stored.items() if key[0] == generation and in_round in key[1]
        )


class MemoryAnswers:
    """The replay ledger."""

    def __init__(self) -> None:
        self._accepted: dict[AnswerKey, Answer] = {}
        self._leases: dict[AnswerKey, tuple[str, datetime]] = {}
        self._calls: list[tuple[AnswerKey, ModelCall]] = []
        self.prompts: dict[str, str] = {}
        self.responses: dict[str, str] = {}

    def accepted(self, key: AnswerKey) -> Answer | None:
        """Return the accepted answer, or None."""
        return self._accepted.get(key)

    def start(self, key: AnswerKey, *, lease: str, now: datetime, until: datetime) -> None:
        """Mark a call as in flight. Raises: ModelCallInFlight if another lease is valid."""
        if key in self._accepted:
            raise ModelCallInFlight(f"{key.sort_key} was answered meanwhile")
        holder, ends = self._leases.get(key, (lease, now))
        if holder != lease and ends > now:
            raise ModelCallInFlight(f"{key.sort_key}: another call holds the lease")
        self._leases[key] = (lease, until)

    def accept(self, key: AnswerKey, answer: Answer, *, lease: str) -> None:
        """Store an answer before it is used. Raises: ModelCallInFlight if the lease was lost."""
        if not self._holds(key, lease):
            raise ModelCallInFlight(f"{key.sort_key}: the lease was lost")
        self._accepted[key] = answer
        self._calls.append((key, answer.call))
        del self._leases[key]

    def refuse(self, key: AnswerKey, call: ModelCall, *, lease: str) -> None:
        """Record a paid but unusable answer and release the lease."""
        self._calls.append((key, call))
        self.release(key, lease=lease)

    def release(self, key: AnswerKey, *, lease: str) -> None:
        """Release the lease of a call that has returned no answer."""
        if self._holds(key, lease):
            del self._leases[key]

    def calls(self, agent: Agent, generation: str) -> tuple[ModelCall, ...]:
        """Return all paid calls by an agent in a generation."""
        mine = (agent, generation)
        return tuple(call for key, call in self._calls if (key.agent, key.generation) == mine)

    def save_prompt(self, text: str) -> str:
        """Store a prompt exactly as sent and return its sha256."""
        self.prompts[text_sha256(text)] = text
        return text_sha256(text)

    def save_response(self, text: str) -> str:
        """Store a provider's response exactly as received and return its sha256."""
        self.responses[text_sha256(text)] = text
        return text_sha256(text)

    def _holds(self, key: AnswerKey, lease: str) -> bool:
        return key in self._leases and self._leases[key][0] == lease


class MemoryBuiltPrompts:
    """Prompts that were built before a round."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def save(self, generation: str, round_number: int, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Store a round's texts and return their sha256; idempotent."""
        self.texts |= {text_sha256(text): text for text in texts}
        return tuple(text_sha256(text) for text in texts)

    def read(self, sha256: str) -> str | None:
        """Return a built text, or None if it has expired."""
        return self.texts.get(sha256)


class MemoryModelKeys:
    """The providers' API keys."""

    def __init__(self, hosts: tuple[str, ...] | None = None, /, **keys: str) -> None:
        self._keys = {name: ApiKey(value=value, hosts=hosts) for name, value in keys.items()}

    def get(self, name: str) -> ApiKey:
        """Return a key, empty if it is not set."""
        return self._keys.get(name, ApiKey())


def _require_same(stored: object, new: object) -> None:
    if stored is not None and stored != new:
        raise DraftConflict(f"the stored content differs from {new!r}"[:200])
