"""Plays cases on moto in several processes, since moto's state is one per process."""

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
from tests.drill.scenarios import Story
from tests.drill.snapshot import Remains

TASKS = 100  # moto keeps some megabytes of every run
_open = ExitStack()


@cache
def _practice() -> Any:
    from tests.drill.on_moto import practice_models

    return _open.enter_context(practice_models())


@cache
def _faultless(story_name: str) -> Remains:
    from tests.drill.on_moto import play
    from tests.drill.scenarios import STORIES

    story = next(one for one in STORIES if one.name == story_name)
    return play(_practice(), story, ())[1]


def play_case(case: Case) -> Result:
    """Play one case in this process and compare it with a run without a fault."""
    from tests.drill.on_moto import play

    began = time.monotonic()
    try:
        whole = _faultless(case.story.name)
        director, left, redrives = play(_practice(), case.story, case.faults)
    except Exception as stuck:  # noqa: BLE001 – whatever ends a run early is a difference
        problem = f"{type(stuck).__name__}: {stuck}"
        return Result(case, len(case.faults), 0, (problem,), 0, time.monotonic() - began)
    if len(case.faults) > 1:
        case = replace(case, doubt=doubt_seen(director.struck, director.seen))
    differences = tuple(whole.differences(left))
    again = whole.paid_again(left)
    spent = time.monotonic() - began
    return Result(case, len(director.struck), redrives, differences, again, spent)


def points_of(story: Story) -> list[Point]:
    """Record the points of a story in this process."""
    from tests.drill.on_moto import play

    director, _, _ = play(_practice(), story, ())
    return director.seen


def _quiet() -> None:
    import logging
    import signal
    import sys
    import warnings

    import tests.conftest  # noqa: F401 – its environment

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command ends its crew itself
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 – functions print their metrics
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


class Crew:
    """Processes that play cases side by side."""

    def __init__(self, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = context.Pool(processes, initializer=_quiet, maxtasksperchild=TASKS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def points(self, story: Story) -> list[Point]:
        """Record the points of a story."""
        return self._pool.apply(points_of, (story,))

    def play(self, cases: Sequence[Case]) -> Iterator[Result]:
        """Play cases, as they finish."""
        yield from self._pool.imap_unordered(play_case, cases)
