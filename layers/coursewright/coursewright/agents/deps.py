"""Dependencies of the agent steps, bundled into one object."""

from dataclasses import dataclass

from coursewright.agents.model_registry import Registry
from coursewright.ports.agents import Answers, BuiltPrompts, Drafts, ModelKey
from coursewright.ports.assignments import Assignments
from coursewright.ports.generations import Clock, Generations, Lessons
from coursewright.ports.reviews import Reviews
from coursewright.ports.verification import Verifications


@dataclass(frozen=True, kw_only=True)
class AgentDeps:
    """Ports used by the agent steps, and the model registry."""

    generations: Generations
    lessons: Lessons
    drafts: Drafts
    answers: Answers
    built_prompts: BuiltPrompts
    verifications: Verifications
    reviews: Reviews
    assignments: Assignments
    registry: Registry
    model_key: ModelKey
    clock: Clock
    max_call_tokens: int = 200_000


@dataclass(frozen=True, kw_only=True)
class InvocationContext:
    """The current invocation: its lease id and remaining time in seconds."""

    lease: str
    seconds_left: float
