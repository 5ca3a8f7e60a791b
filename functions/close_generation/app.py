"""Settles the budget, keeps the notes and writes a generation's final status."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.close_generation import CloseTask, ClosingDesk, close_generation


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer the state `Close generation`."""
    desk = ClosingDesk(
        generations=wiring.generations(),
        answers=wiring.answers(),
        models=wiring.registry(),
        budget=wiring.budget(),
        reviews=wiring.reviews(),
        course_notes=wiring.course_notes(),
        clock=wiring.clock(),
        noticeboard=wiring.noticeboard(),
        pessimistic=wiring.pessimistic_price(),
        desk_url=settings().desk_url,
    )
    return close_generation(CloseTask.model_validate(event), desk=desk)
