"""Finds generations whose execution ended unnoticed and repairs them where possible."""

from collections import Counter

from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.domain.generation import (
    MAX_EXECUTION_DURATION,
    Generation,
    GenerationStatus,
    execution_name,
    months_between,
)
from coursewright.observability import logger
from coursewright.ports.generations import Clock, Executions, Generations
from coursewright.ports.reviews import Audit


def sweep_generations(
    *, generations: Generations, executions: Executions, audit: Audit, clock: Clock
) -> dict[str, int]:
    """Compare every unfinished generation with its execution, and count the repairs by kind.

    A generation whose execution ended early is marked as stopped, and one that was redriven as
    running. If Step Functions has no record of the execution, a new one is started; the agents'
    work is stored, so nothing is paid for twice.
    """
    repairs: Counter[str] = Counter()
    now = clock.now()
    months = months_between(f"{now - MAX_EXECUTION_DURATION:%Y-%m}", f"{now:%Y-%m}")
    for generation in generations.list_unfinished(months):
        execution = executions.get(generation.execution)
        if kind := _repair(generation, execution, generations, executions):
            repairs[kind] += 1
            name = generation.request.generation
            error = execution.error if execution else "ExecutionUnknown"
            logger.error(f"generation_{kind}", generation=name, error=error)
            audit.add(name, f"generation_{kind}", {"error": error}, now=now)
    return dict(repairs)


def _repair(
    generation: Generation,
    execution: Execution | None,
    generations: Generations,
    executions: Executions,
) -> str:
    if execution is None:
        return _restart(generation, generations, executions)
    if generation.status is GenerationStatus.RUNNING and execution.has_stopped:
        is_changed = generations.change_status(generation, GenerationStatus.STOPPED)
        return "stopped" if is_changed else ""
    is_redriven = execution.status is ExecutionStatus.RUNNING
    if generation.status is GenerationStatus.STOPPED and is_redriven:
        is_changed = generations.change_status(generation, GenerationStatus.RUNNING)
        return "resumed" if is_changed else ""
    return ""


def _restart(generation: Generation, generations: Generations, executions: Executions) -> str:
    """Start a new execution, releasing the claim first so that the new execution can take it."""
    is_released = generation.status is GenerationStatus.ABANDONED
    if not is_released and not generations.change_status(generation, GenerationStatus.ABANDONED):
        return ""
    name = execution_name(generation.request.module.id, generation.request.generation)
    return "restarted" if executions.start(name, generation.request) else ""
