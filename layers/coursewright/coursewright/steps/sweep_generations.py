"""Finds generations whose execution ended without a word, and mends what can be mended."""

from collections import Counter

from coursewright.domain.execution import Run, RunStatus
from coursewright.domain.generation import (
    MAX_EXECUTION_DURATION,
    Generation,
    GenerationStatus,
    execution_name,
    months_between,
)
from coursewright.observability import logger
from coursewright.ports.generations import Clock, Executions, Runs, UnfinishedGenerations
from coursewright.ports.reviews import Audit


def sweep_generations(
    *,
    generations: UnfinishedGenerations,
    runs: Runs,
    executions: Executions,
    audit: Audit,
    clock: Clock,
) -> dict[str, int]:
    """Compare every unfinished generation with the engine, and count what was mended.

    A run that ended early is marked as stopped, a stopped one that was redriven as running. A
    generation whose execution the engine does not know is started again: what its agents wrote
    is kept, so that nothing is paid twice.
    """
    mended: Counter[str] = Counter()
    now = clock.now()
    months = months_between(f"{now - MAX_EXECUTION_DURATION:%Y-%m}", f"{now:%Y-%m}")
    for one in generations.unfinished(months):
        run = runs.get(one.execution)
        if word := _mend(one, run, generations, executions):
            mended[word] += 1
            name, error = one.request.generation, run.error if run else "ExecutionUnknown"
            logger.error(f"generation_{word}", generation=name, error=error)
            audit.add(name, f"generation_{word}", {"error": error}, now=now)
    return dict(mended)


def _mend(
    one: Generation, run: Run | None, generations: UnfinishedGenerations, executions: Executions
) -> str:
    if run is None:
        return _start_again(one, generations, executions)
    if one.status is GenerationStatus.RUNNING and run.has_stopped:
        return "stopped" if generations.mark(one, GenerationStatus.STOPPED) else ""
    if one.status is GenerationStatus.STOPPED and run.status is RunStatus.RUNNING:
        return "resumed" if generations.mark(one, GenerationStatus.RUNNING) else ""
    return ""


def _start_again(
    one: Generation, generations: UnfinishedGenerations, executions: Executions
) -> str:
    """The claim is given up first: the new execution takes it."""
    is_given_up = one.status is GenerationStatus.ABANDONED
    if not is_given_up and not generations.mark(one, GenerationStatus.ABANDONED):
        return ""
    name = execution_name(one.request.module.id, one.request.generation)
    return "restarted" if executions.start(name, one.request) else ""
