"""Expires overdue reviews and delivers decisions that the workflow may have missed."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged, measure
from coursewright.steps.sweep_reviews import sweep_reviews


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a scheduled event."""
    counts = sweep_reviews(
        reviews=wiring.reviews(),
        review_tasks=wiring.review_tasks(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
    measure("SweeperRepairs", sum(counts.values()))
    return counts
