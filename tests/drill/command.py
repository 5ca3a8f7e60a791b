"""The drill's command line: choose cases, play them, print the report, judge it."""

import argparse
import time
from collections.abc import Sequence

from rich.console import Console

from tests.drill.cases import Case, Result, every_case, sample
from tests.drill.crew import Crew
from tests.drill.report import Tally, print_report
from tests.drill.stories import MAIN, STORIES

SEED = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Drill, print the report, and give 0 only if nothing was lost and nothing came twice."""
    asked = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    tally = Tally()
    with Crew(asked.processes) as crew:
        cases = _cases(crew, asked.sample, asked.seed)
        for result in crew.play(cases):
            _tell(console, result, tally, len(cases))
    print_report(console, tally, seconds=time.monotonic() - began)
    return 0 if tally.is_clean else 1


def _cases(crew: Crew, size: int, seed: int) -> list[Case]:
    """Take every point of the main story; the others' points where the main story has none."""
    chosen: list[Case] = []
    known: set[tuple[str, str, int]] = set()
    for story in STORIES:
        cases = every_case(story, crew.points(story))
        chosen += cases if story is MAIN else [one for one in cases if _kind(one) not in known]
        known |= {_kind(one) for one in cases}
    chosen += two_faults(chosen, seed)
    return sample(chosen, size, seed) if size else chosen


def two_faults(cases: Sequence[Case], seed: int) -> list[Case]:
    """Break some runs twice."""
    whole = [one for one in cases if one.story is MAIN and not one.doubt]
    firsts = sample(whole, 20, seed)
    seconds = sample(whole, 20, seed + 1)
    pairs = zip(firsts, seconds, strict=True)
    return [Case(MAIN, one.faults + two.faults) for one, two in pairs if one != two]


def _kind(case: Case) -> tuple[str, str, int]:
    point = case.faults[0].point
    is_repair = '"attempt": 0' not in point.task and "attempt" in point.task
    return point.function, f"{case.faults[0].mode} {is_repair}", point.number


def _tell(console: Console, result: Result, tally: Tally, total: int) -> None:
    tally.add(result)
    if not result.is_clean:
        console.print(f"DIFFERS  {' and '.join(map(str, result.case.faults))}", markup=False)
        for one in result.differences[:5]:
            console.print(f"         {one}", markup=False)
    if tally.runs % 50 == 0:
        console.print(f"{tally.runs} of {total or '?'} runs")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="play only so many cases")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=2)
    return parser
