"""Compares unfinished generations with their executions."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged, measure
from coursewright.steps.sweep_generations import sweep_generations


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a scheduled event."""
    counts = sweep_generations(
        generations=wiring.generations(),
        executions=wiring.executions(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
    measure("SweeperRepairs", sum(counts.values()))
    return counts
