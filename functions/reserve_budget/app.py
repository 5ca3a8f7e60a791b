"""Sets a generation's estimate aside under the month's cap."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.reserve_budget import ReserveTask, reserve_budget


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer the state `Reserve budget`."""
    reserved = reserve_budget(
        ReserveTask.model_validate(event),
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        models=wiring.registry(),
        budget=wiring.budget(),
        cap_usd=settings().monthly_budget_usd,
    )
    return {"reserved_micros": reserved}
