"""Wires what the agents' steps reach for."""

from typing import Any

from coursewright import wiring, wiring_secrets
from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.settings import settings


def agent_deps() -> AgentDeps:
    """Return everything that an agent's step reaches for."""
    return AgentDeps(
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        prompts=wiring.prompts(),
        raw_answers=wiring.raw_answers(),
        drafts=wiring.drafts(),
        answers=wiring.answers(),
        verifications=wiring.verifications(),
        reviews=wiring.reviews(),
        course_notes=wiring.course_notes(),
        assignments=wiring.assignments(),
        registry=wiring.registry(),
        model_keys=wiring_secrets.model_keys(),
        clock=wiring.clock(),
        max_call_tokens=settings().max_call_tokens,
    )


def invocation(context: Any) -> InvocationContext:
    """Return this invocation's name, which holds its leases, and the time it has left."""
    seconds = context.get_remaining_time_in_millis() / 1000
    return InvocationContext(lease=context.aws_request_id, seconds_left=seconds)
