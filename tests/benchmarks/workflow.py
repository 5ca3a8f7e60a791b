"""Overhead that the state machine adds to its models, from the event to the reviewer's email.

Every model answers after two seconds. A generation takes at least two answers: the conditions, then
tests and solutions in parallel. Moto's interpreter runs the definition and all functions in one
process, on one processor at a time. The sandbox answers immediately, because the duration of a
check depends on the processor. The overhead is therefore also measured with slower models, where
CPU time matters less, and computed as if each function had its own processor. For comparison, the
same agents run in a sequential loop over models and tasks, as in most projects.
"""

from collections.abc import Sequence
from statistics import median

from tests.benchmarks.report import Figure, Report, several
from tests.benchmarks.workflow_run import Duration, functions, loop, stub, to_mail

Cell = tuple[int, int]
GRID: tuple[Cell, ...] = tuple((models, tasks) for models in (1, 3, 6) for tasks in (1, 5, 10))
GOAL = (3, 5)
MAX_RATIO = 1.10
ANSWER_SECONDS, SLOW_ANSWER_SECONDS = 2.0, 10.0
ANSWERS = 2  # in sequence: conditions, then tests in parallel with the solution
RUNS = 5
WHY = (
    "(the interpreter, the functions and moto share one processor: {computing:.1f} s of computing,"
    " of which the mail waited for {path:.1f} s; tried: expressions parsed once, clients cached,"
    " transactions without copies, the stub in a process of its own: {before:.1f} s before)"
)
COMPUTING_BEFORE = 5.4  # seconds at 3 × 5, on the machine of 2026-11-23, before optimisation


def run() -> Report:
    """Run each size five times, then the goal's size with slow models and the real sandbox."""
    times: dict[Cell, list[Duration]] = {cell: [] for cell in GRID}
    with functions(sandbox=False):
        with stub(0) as instant:
            to_mail(instant, 1, 1)  # warm-up
        with stub(ANSWER_SECONDS) as model:
            for _ in range(RUNS):
                for cell, runs in times.items():
                    runs.append(to_mail(model, *cell))
            loops = [loop(model, *GOAL) for _ in range(RUNS)]
        with stub(SLOW_ANSWER_SECONDS) as model:
            slow = [to_mail(model, *GOAL) for _ in range(RUNS)]
    with functions(sandbox=True), stub(ANSWER_SECONDS) as model:
        checked = [to_mail(model, *GOAL) for _ in range(RUNS)]
    return report(times, loops=loops, slow=slow, checked=checked)


def report(
    times: dict[Cell, list[Duration]],
    *,
    loops: Sequence[float],
    slow: Sequence[Duration],
    checked: Sequence[Duration],
) -> Report:
    """Compare the times at the goal's size with the critical path and with the loop."""
    goal, per_call = times[GOAL], median(loops) / calls(GOAL)
    ratio = _ratio([duration.seconds for duration in goal])
    why = WHY.format(
        computing=median(duration.computing for duration in goal),
        path=median(duration.path for duration in goal),
        before=COMPUTING_BEFORE,
    )
    alone = [ANSWERS * ANSWER_SECONDS + duration.path for duration in goal]
    return Report(
        part="workflow",
        figures=[
            _goal("answers of 2 s", goal, why=why),
            _figure("a processor for each function (added up), answers of 2 s", alone),
            _goal("answers of 10 s", slow, SLOW_ANSWER_SECONDS),
            Figure(
                name="3 × 5 with the real sandbox, answers of 2 s", value=_format_durations(checked)
            ),
            Figure(
                name="3 × 5 in a loop over models and tasks",
                value=f"{several(loops, 's')}, {median(loops) / _seconds(goal):.1f} ×",
            ),
            *(_cell(cell, runs, per_call) for cell, runs in times.items()),
        ],
        ratios={
            "workflow ÷ critical path, 3 × 5": ratio,
            "loop ÷ workflow": median(loops) / _seconds(goal),
        },
    )


def calls(cell: Cell) -> int:
    """Return the number of model calls in a generation: M (1 + 2 N)."""
    models, tasks = cell
    return models * (1 + 2 * tasks)


def _goal(
    name: str, runs: Sequence[Duration], answer: float = ANSWER_SECONDS, *, why: str = ""
) -> Figure:
    return _figure(name, [duration.seconds for duration in runs], answer, why=why)


def _figure(
    name: str, seconds: Sequence[float], answer: float = ANSWER_SECONDS, *, why: str = ""
) -> Figure:
    ratio = _ratio(seconds, answer)
    return Figure(
        name=f"3 models × 5 tasks ÷ critical path, {name}",
        value=f"{ratio:.2f}: {several(seconds, 's', 2)}",
        must_be=f"≤ {MAX_RATIO:.2f}",
        holds=ratio <= MAX_RATIO,
        ratio=ratio,
        why=why,
    )


def _cell(cell: Cell, runs: Sequence[Duration], per_call: float) -> Figure:
    looped = calls(cell) * per_call
    return Figure(
        name=f"{cell[0]} × {cell[1]}",
        value=f"{_format_durations(runs)}; a loop, {calls(cell)} calls at"
        f" {per_call:.2f} s, {looped:.0f} s"
        f" = {looped / _seconds(runs):.1f} ×",
    )


def _format_durations(runs: Sequence[Duration]) -> str:
    seconds = [duration.seconds for duration in runs]
    computing = median(duration.computing for duration in runs)
    return (
        f"{_ratio(seconds):.2f} × critical path, {several(seconds, 's')},"
        f" {computing:.1f} s computing"
    )


def _seconds(runs: Sequence[Duration]) -> float:
    return median(duration.seconds for duration in runs)


def _ratio(seconds: Sequence[float], answer: float = ANSWER_SECONDS) -> float:
    return median(seconds) / (ANSWERS * answer)
