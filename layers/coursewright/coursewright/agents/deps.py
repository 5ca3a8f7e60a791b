"""Everything an agent's step reaches for, in one hand."""

from dataclasses import dataclass

from coursewright.agents.model_registry import Registry
from coursewright.ports.agents import Answers, Drafts, ModelKeys, Texts
from coursewright.ports.assignments import Assignments
from coursewright.ports.generations import Clock, Generations, Lessons
from coursewright.ports.reviews import Reviews
from coursewright.ports.verification import Verifications


@dataclass(frozen=True, kw_only=True)
class AgentDeps:
    """The ports of the agents' steps, and the registry of models."""

    generations: Generations
    lessons: Lessons
    prompts: Texts
    raw_answers: Texts
    drafts: Drafts
    answers: Answers
    verifications: Verifications
    reviews: Reviews
    assignments: Assignments
    registry: Registry
    model_keys: ModelKeys
    clock: Clock
    max_call_tokens: int = 200_000


@dataclass(frozen=True, kw_only=True)
class InvocationContext:
    """One invocation of an agent's function: who holds the lease, and how long it may work."""

    lease: str
    seconds_left: float
