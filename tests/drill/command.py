"""The drill's command line: choose cases, play them, print the report, judge it."""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.drill.cases import Case, Result, every_case, sample
from tests.drill.pairs import two_faults
from tests.drill.pool import Crew
from tests.drill.progress import Watch
from tests.drill.report import Tally, as_json, print_report
from tests.drill.scenarios import MAIN, STORIES

SEED = 6
BUILD = Path(__file__).parents[2] / "build" / "drill"
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Drill, print the report, and give 0 only if nothing was lost and nothing came twice."""
    asked = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    tally, began = Tally(), time.monotonic()
    try:
        if asked.engine != "laptop":
            _on_moto(asked, console, tally)
        if asked.engine != "moto":
            _on_laptop(asked, console, tally)
    except KeyboardInterrupt:
        tally.was_interrupted = True
    tally.seconds, tally.cpu_seconds = time.monotonic() - began, sum(os.times()[:4])
    _write(console, tally)
    return INTERRUPTED if tally.was_interrupted else 0 if tally.is_clean else 1


def _on_moto(asked: argparse.Namespace, console: Console, tally: Tally) -> None:
    with Crew(asked.processes) as crew:
        cases = _cases(crew, asked)
        with Watch(console, "moto", len(cases)) as watch:
            for result in crew.play(cases):
                watch.step()
                _tell(console, result, tally)


def _on_laptop(asked: argparse.Namespace, console: Console, tally: Tally) -> None:
    import tests.conftest  # noqa: F401 – its environment
    from tests.drill.laptop_drill import laptop_drill

    with laptop_drill() as drill:
        cases = drill.cases()
        chosen = sample(cases, asked.sample // 3, asked.seed) if asked.sample else cases
        with Watch(console, "laptop cloud", len(chosen)) as watch:
            for _ in drill.play(chosen, at_once=asked.at_once):
                watch.step()
        for result in drill.results():
            _tell(console, result, tally)


def _cases(crew: Crew, asked: argparse.Namespace) -> list[Case]:
    """Take every point of the main story; the others' points where the main story has none."""
    chosen: list[Case] = []
    known: set[tuple[str, str, int]] = set()
    for story in STORIES:
        cases = every_case(story, crew.points(story))
        chosen += cases if story is MAIN else [one for one in cases if _kind(one) not in known]
        known |= {_kind(one) for one in cases}
    chosen += two_faults([one for one in chosen if one.story is MAIN], asked.pairs, asked.seed)
    return sample(chosen, asked.sample, asked.seed) if asked.sample else chosen


def _kind(case: Case) -> tuple[str, str, int]:
    point = case.faults[0].point
    is_repair = '"attempt": 0' not in point.task and "attempt" in point.task
    return point.function, f"{case.faults[0].mode} {is_repair}", point.number


def _tell(console: Console, result: Result, tally: Tally) -> None:
    tally.add(result)
    if not result.is_clean:
        console.print(f"DIFFERS  {result.case}", markup=False)
        for one in result.differences[:5]:
            console.print(f"         {one}", markup=False)


def _write(console: Console, tally: Tally) -> None:
    """Print the report, and keep it as text and as JSON."""
    print_report(console, tally)
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "report.txt").open("w", encoding="utf-8") as file:
        print_report(Console(file=file, width=120, highlight=False), tally)
    (BUILD / "report.json").write_text(as_json(tally), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="play only so many cases")
    parser.add_argument("--pairs", type=int, default=40, help="runs with two faults")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--engine", choices=("both", "moto", "laptop"), default="both")
    parser.add_argument("--processes", type=int, default=2, help="that play on moto")
    parser.add_argument("--at-once", type=int, default=4, help="generations on the laptop cloud")
    return parser
