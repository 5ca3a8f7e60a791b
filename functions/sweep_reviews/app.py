"""Ends reviews past due and delivers what the workflow may not know."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged, measure
from coursewright.steps.sweep_reviews import sweep_reviews


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer the schedule."""
    found = sweep_reviews(
        reviews=wiring.reviews(),
        review_tasks=wiring.review_tasks(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
    measure("SweeperRepairs", sum(found.values()))
    return found
