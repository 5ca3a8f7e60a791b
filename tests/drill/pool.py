"""Runs cases on moto in several processes, because moto's state is global per process."""

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from tests.drill.cases import Case, Result, doubt_seen
from tests.drill.fault_points import Point
from tests.drill.scenarios import Scenario
from tests.drill.snapshot import Snapshot

TASKS = 100  # per process, because moto leaks several megabytes per run
_open = ExitStack()


@cache
def _practice() -> Any:
    from tests.drill.on_moto import practice_models

    return _open.enter_context(practice_models())


@cache
def _baseline(scenario_name: str) -> Snapshot:
    from tests.drill.on_moto import run_scenario
    from tests.drill.scenarios import SCENARIOS

    scenario = next(known for known in SCENARIOS if known.name == scenario_name)
    return run_scenario(_practice(), scenario, ())[1]


def run_case(case: Case) -> Result:
    """Run one case in this process and compare it with a faultless run."""
    from tests.drill.on_moto import run_scenario

    began = time.monotonic()
    try:
        baseline = _baseline(case.scenario.name)
        plan, snapshot, redrives = run_scenario(_practice(), case.scenario, case.faults)
    except Exception as error:  # noqa: BLE001 – whatever ends a run early is a difference
        problem = f"{type(error).__name__}: {error}"
        return Result(case, len(case.faults), 0, (problem,), 0, time.monotonic() - began)
    if len(case.faults) > 1:
        case = replace(case, doubt=doubt_seen(plan.struck, plan.seen))
    differences = tuple(baseline.differences(snapshot))
    again = baseline.paid_again(snapshot)
    spent = time.monotonic() - began
    return Result(case, len(plan.struck), redrives, differences, again, spent)


def record_points(scenario: Scenario) -> list[Point]:
    """Record the fault points of a scenario in this process."""
    from tests.drill.on_moto import run_scenario

    plan, _, _ = run_scenario(_practice(), scenario, ())
    return plan.seen


def _quiet() -> None:
    import logging
    import signal
    import sys
    import warnings

    import tests.conftest  # noqa: F401 – sets the environment

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command terminates the pool itself
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 – functions print their metrics
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


class ProcessPool:
    """Processes that run cases in parallel."""

    def __init__(self, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = context.Pool(processes, initializer=_quiet, maxtasksperchild=TASKS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def points(self, scenario: Scenario) -> list[Point]:
        """Record the fault points of a scenario."""
        return self._pool.apply(record_points, (scenario,))

    def run(self, cases: Sequence[Case]) -> Iterator[Result]:
        """Run cases and yield their results as they finish."""
        yield from self._pool.imap_unordered(run_case, cases)
