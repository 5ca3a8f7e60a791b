"""What the state machine adds to the time of its models, from the event to the reviewer's mail.

Every model answers after two seconds, so that the shortest a generation can last is two answers:
the conditions, then tests and solutions side by side. Moto's interpreter runs the definition and
the functions in one process. Its sandbox answers at once in the table, since checks are worth
what the processor is worth: on AWS each has an environment of its own. Beside it stands what most
projects do: a loop over models and tasks, with the same agents, calls and stub.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple
from unittest.mock import patch

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from local.practice import authors
from local.practice.content import Assignment, Portfolio, portfolios
from tests.benchmarks.agents_run import LATENCY_SECONDS, VERIFIED, SlowStub
from tests.benchmarks.report import Figure, Report
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

GRID = tuple((models, tasks) for models in (1, 3, 6) for tasks in (1, 5, 10))
GOAL = (3, 5)
GOAL_RUNS = 5
MOST = 1.10
CRITICAL_SECONDS = 2 * LATENCY_SECONDS
CHECKED_RUNS = 2
NAME = "openai:bench-{}"
ENVIRONMENT = {
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "MONTHLY_BUDGET_USD": "100000",  # a model without a price is counted as a dear one
    "GENERATION_BUDGET_USD": "100000",
}
ENTRY = """
[[models]]
id = "{id}"
label = "Practice author, quick"
group = "Practice models (no language models)"
provider = "openai"
name = "practice-quick"
tool_calling = true
base_url = "{url}"
"""


class Took(NamedTuple):
    """What a generation took by the clock, and of the processor: on a busy machine they part."""

    seconds: float
    computing: float


Runs = list[Took]


def run() -> Report:
    """Run the grid, the goal's cell five times, and its loop once."""
    os.environ |= ENVIRONMENT
    with _functions(sandbox=False), _stub() as stub:
        stub.latency_seconds = 0
        _to_mail(stub, 1, 1)  # loads what a first run loads
        stub.latency_seconds = LATENCY_SECONDS
        times = {cell: [_to_mail(stub, *cell)] for cell in GRID}
        times[GOAL] += [_to_mail(stub, *GOAL) for _ in range(GOAL_RUNS - 1)]
        loop = _loop(stub, *GOAL)
    with _functions(sandbox=True), _stub() as stub:
        stub.latency_seconds = LATENCY_SECONDS
        checked = [_to_mail(stub, *GOAL) for _ in range(CHECKED_RUNS)]
    return report(times, loop, checked, os.getloadavg()[0])


def report(times: dict[tuple[int, int], Runs], loop: float, checked: Runs, load: float) -> Report:
    """Put the times beside the critical path and the loop."""
    goal, per_call = [one.seconds for one in times[GOAL]], loop / _calls(*GOAL)
    ratio, (models, tasks) = median(goal) / CRITICAL_SECONDS, GOAL
    figures = [
        Figure(
            name=f"{models} models × {tasks} tasks ÷ critical path of {CRITICAL_SECONDS:.0f} s,"
            f" median of {len(goal)} runs",
            value=f"{ratio:.2f} ({min(goal):.2f}–{max(goal):.2f} s, of which computing"
            f" {_computing(times[GOAL]):.1f} s; load {load:.0f})",
            must_be=f"≤ {MOST:.2f}",
            holds=ratio <= MOST,
            ratio=ratio,
            why="" if ratio <= MOST else _why(load),
        ),
        Figure(
            name="the same in a loop, run once",
            value=f"{loop:.1f} s for {_calls(*GOAL)} calls, {per_call:.2f} s per call",
        ),
        Figure(
            name="the same with the real sandbox on this machine's processors",
            value=f"{_median(checked):.1f} s = {_median(checked) / CRITICAL_SECONDS:.2f} ×",
        ),
        *(_cell(cell, _median(found), per_call) for cell, found in times.items() if cell != GOAL),
    ]
    return Report(
        part="workflow",
        figures=figures,
        ratios={"workflow ÷ critical path, 3 × 5": ratio, "loop ÷ workflow": loop / median(goal)},
    )


def _why(load: float) -> str:
    busy = f"{os.cpu_count()} processors shared by {load:.0f} busy processes"
    return f"({busy})" if load > (os.cpu_count() or 1) else "(the engine computes in one process)"


def _median(runs: Runs) -> float:
    return median(one.seconds for one in runs)


def _computing(runs: Runs) -> float:
    return median(one.computing for one in runs)


def _cell(cell: tuple[int, int], seconds: float, per_call: float) -> Figure:
    looped = _calls(*cell) * per_call
    return Figure(
        name=f"{cell[0]} models × {cell[1]} tasks",
        value=f"{seconds:.1f} s = {seconds / CRITICAL_SECONDS:.2f} × critical path;"
        f" a loop {looped:.0f} s (its calls × time per call) = {looped / seconds:.1f} ×",
        ratio=seconds / CRITICAL_SECONDS,
    )


def _calls(models: int, tasks: int) -> int:
    return models * (1 + 2 * tasks)


def _to_mail(stub: SlowStub, models: int, tasks: int) -> Took:
    """Time a generation from the event to the mail."""
    with _deployed(stub) as workflow:
        began, computed = time.monotonic(), time.process_time()
        workflow.publish(_event(workflow, models, tasks))
        _wait_for_mail(workflow)
        took = Took(time.monotonic() - began, time.process_time() - computed)
        workflow.engine.stop_execution(executionArn=workflow.execution)
    return took


def _wait_for_mail(workflow: Workflow) -> None:
    """Look often where it costs nothing, and seldom at the run itself, which costs a call."""
    while not workflow.mails():
        look_again = time.monotonic() + 1
        while not workflow.mails() and time.monotonic() < look_again:
            time.sleep(0.005)
        end = workflow.engine.describe_execution(executionArn=workflow.execution)
        if end["status"] not in ("RUNNING", "SUCCEEDED"):
            raise RuntimeError(f"no mail: {end.get('error')} {end.get('cause')}")


def _loop(stub: SlowStub, models: int, tasks: int) -> float:
    """Call the agents one after the other, as a script would; the sandbox answers at once."""

    def crash(event: dict[str, Any]) -> None:
        raise MemoryError("staged")

    with _deployed(stub) as workflow:
        moto_engine.interceptors["reserve_budget"] = crash  # prompts are built, nobody is asked
        started = workflow.publish(_event(workflow, models, tasks))
        workflow.wait()
        moto_engine.interceptors.clear()
        began = time.monotonic()
        for model in map(NAME.format, range(models)):
            task = {"generation": started["generation"], "round": 1, "model": model}
            written = moto_engine.run_function("write_conditions", task | {"notes": None})
            for draft in written["drafts"]:
                part = task | {"draft": draft, "attempt": 0}
                for function in ("write_tests", "write_solution", "verify_draft"):
                    moto_engine.run_function(function, part)
        return time.monotonic() - began


def _event(workflow: Workflow, models: int, tasks: int) -> dict[str, Any]:
    names = [NAME.format(number) for number in range(models)]
    return workflow.event("sql_joins", tasks_count=tasks, models=names)


@contextmanager
def _stub() -> Iterator[SlowStub]:
    """Give the practice authors a work of twice the size, so that they can write ten tasks."""

    def twice() -> tuple[Portfolio, ...]:
        return tuple(
            one.model_copy(
                update={"assignments": (*one.assignments, *map(_again, one.assignments))}
            )
            for one in portfolios()
        )

    with patch.object(authors, "portfolios", twice), SlowStub(latency_factor=0) as stub:
        yield stub


def _again(one: Assignment) -> Assignment:
    return one.model_copy(update={"name": f"{one.name}, once more"})


@contextmanager
def _deployed(stub: SlowStub) -> Iterator[Workflow]:
    from coursewright.settings import settings
    from tests import aws

    with aws.storage():
        settings.cache_clear()
        workflow = Workflow(stub)
        entries = "".join(ENTRY.format(id=NAME.format(at), url=stub.url) for at in range(6))
        workflow._put_models(lambda text: text + entries)
        yield workflow
    moto_engine.interceptors.clear()


@contextmanager
def _functions(*, sandbox: bool) -> Iterator[None]:
    """Patch moto, and let the sandbox answer at once unless it shall really run."""
    moto_engine.patch_moto()
    plain = moto_engine.run_function

    def instant(function: str, event: dict[str, Any]) -> Any:
        return VERIFIED if function == "check_code" else plain(function, event)

    moto_engine.run_function = plain if sandbox else instant
    try:
        yield
    finally:
        moto_engine.run_function = plain
        moto_engine.interceptors.clear()
