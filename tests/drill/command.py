"""The drill's command: chooses cases, runs them and prints the report."""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.drill.cases import Case, Result, every_case, sample
from tests.drill.pairs import two_faults
from tests.drill.pool import ProcessPool
from tests.drill.progress import ProgressDisplay
from tests.drill.report import Tally, as_json, print_report
from tests.drill.scenarios import MAIN, SCENARIOS

SEED = 6
BUILD = Path(__file__).parents[2] / "build" / "drill"
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drill and print the report; return 0 only if nothing was lost or duplicated."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    tally, began = Tally(), time.monotonic()
    try:
        if options.interpreter != "laptop":
            _on_moto(options, console, tally)
        if options.interpreter != "moto":
            _on_laptop(options, console, tally)
    except KeyboardInterrupt:
        tally.was_interrupted = True
    tally.seconds, tally.cpu_seconds = time.monotonic() - began, sum(os.times()[:4])
    _write(console, tally)
    return INTERRUPTED if tally.was_interrupted else 0 if tally.is_clean else 1


def _on_moto(options: argparse.Namespace, console: Console, tally: Tally) -> None:
    with ProcessPool(options.processes) as pool:
        cases = _cases(pool, options)
        with ProgressDisplay(console, "moto", len(cases)) as progress:
            for result in pool.run(cases):
                progress.step()
                _report(console, result, tally)


def _on_laptop(options: argparse.Namespace, console: Console, tally: Tally) -> None:
    import tests.conftest  # noqa: F401 – sets the environment
    from tests.drill.laptop_drill import laptop_drill

    with laptop_drill() as drill:
        cases = drill.cases()
        chosen = sample(cases, options.sample // 3, options.seed) if options.sample else cases
        with ProgressDisplay(console, "laptop cloud", len(chosen)) as progress:
            for _ in drill.run(chosen, concurrency=options.concurrency):
                progress.step()
        for result in drill.results():
            _report(console, result, tally)


def _cases(pool: ProcessPool, options: argparse.Namespace) -> list[Case]:
    """Return the main scenario's cases and those of other scenarios that it does not cover."""
    chosen: list[Case] = []
    known: set[tuple[str, str, int]] = set()
    for scenario in SCENARIOS:
        cases = every_case(scenario, pool.points(scenario))
        chosen += (
            cases if scenario is MAIN else [case for case in cases if _kind(case) not in known]
        )
        known |= {_kind(case) for case in cases}
    chosen += two_faults(
        [case for case in chosen if case.scenario is MAIN], options.pairs, options.seed
    )
    return sample(chosen, options.sample, options.seed) if options.sample else chosen


def _kind(case: Case) -> tuple[str, str, int]:
    point = case.faults[0].point
    is_repair = '"attempt": 0' not in point.task and "attempt" in point.task
    return point.function, f"{case.faults[0].mode} {is_repair}", point.number


def _report(console: Console, result: Result, tally: Tally) -> None:
    tally.add(result)
    if not result.is_clean:
        console.print(f"DIFFERS  {result.case}", markup=False)
        for difference in result.differences[:5]:
            console.print(f"         {difference}", markup=False)


def _write(console: Console, tally: Tally) -> None:
    """Print the report and store it as text and JSON."""
    print_report(console, tally)
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "report.txt").open("w", encoding="utf-8") as file:
        print_report(Console(file=file, width=120, highlight=False), tally)
    (BUILD / "report.json").write_text(as_json(tally), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument(
        "--sample", type=int, default=0, help="run only a sample of this many cases"
    )
    parser.add_argument("--pairs", type=int, default=40, help="number of runs with two faults")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--interpreter", choices=("both", "moto", "laptop"), default="both")
    parser.add_argument("--processes", type=int, default=2, help="processes that run cases on moto")
    parser.add_argument(
        "--concurrency", type=int, default=4, help="parallel runs on the laptop cloud"
    )
    return parser
