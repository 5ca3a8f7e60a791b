"""AWS cost of a generation, excluding model tokens: metered on a real run and priced by a table.

The run covers three models and five tasks on moto's interpreter, from event to publication, with
the practice models and the real sandbox. Every AWS call is counted as AWS would bill it. CPU time
is measured in this process and scaled to the processor share that a function's MemorySize buys;
the time that agents wait for their models is added.
"""

import json
import math
import os
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from tests.benchmarks.metering import Meter, item_bytes, least_units, metered
from tests.benchmarks.processes import children_seconds
from tests.benchmarks.report import Figure, Report, several
from tests.cloudformation import load_template

PRICES = Path(__file__).with_name("prices.toml")
TEMPLATE = Path(__file__).parents[2] / "template.yaml"
MODELS = ("openai:practice-quick", "openai:practice-careful", "openai:practice-third")
TASKS = 5
RUNS = 5
MODEL_SECONDS = (2.0, 20.0)
MAX_CENTS = 1.5
FULL_PROCESSOR_MB = 1_769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
CHECKING = ("verify_draft", "cross_check_draft")
AGENTS = ("write_conditions", "write_tests", "write_solution", "write_hint", "solve_draft")


@dataclass(frozen=True)
class Used:
    """Resources used by one generation, excluding model tokens."""

    units: Counter[str]
    writes: Counter[str]
    gb_seconds: dict[float, float]
    least: int
    stored_bytes: int
    approved: int


def run() -> Report:
    """Meter and price the same generation several times."""
    return report(measure(), tomllib.loads(PRICES.read_text("utf-8")))


def report(runs: Sequence[Used], prices: dict[str, dict[str, Any]]) -> Report:
    """Price the resources used; individual items are those of the median run."""
    quick, slow = MODEL_SECONDS
    cents = {
        seconds: [sum(_priced(used, seconds, prices).values()) * 100 for used in runs]
        for seconds in MODEL_SECONDS
    }
    totals = {seconds: median(found) for seconds, found in cents.items()}
    used = sorted(zip(cents[quick], range(len(runs)), runs, strict=True))[len(runs) // 2][2]
    items = _priced(used, quick, prices)
    largest = max(items, key=lambda name: items[name])
    write_ratios = [run.units["table_write_units"] / run.least for run in runs]
    ratios = {
        "cost ÷ goal": totals[quick] / MAX_CENTS,
        "writes ÷ minimum": median(write_ratios),
        "state transitions per approved": median(
            run.units["state_transitions"] / run.approved for run in runs
        ),
    }
    return Report(
        part="cost",
        figures=[
            Figure(
                name=f"a generation of 3 models × {TASKS} tasks, models answer in {quick:.0f} s",
                value=several(cents[quick], "cents", 3),
                must_be=f"< {MAX_CENTS} cents without tokens",
                holds=totals[quick] < MAX_CENTS,
                ratio=ratios["cost ÷ goal"],
            ),
            Figure(
                name=f"the same, models answer in {slow:.0f} s (agents are billed while waiting)",
                value=several(cents[slow], "cents", 3),
            ),
            Figure(
                name="answer time up to which the goal is met",
                value=f"{_longest(totals):.0f} s on average",
            ),
            Figure(
                name=f"per approved assignment ({used.approved})",
                value=several([amount / used.approved for amount in cents[quick]], "cents", 4),
            ),
            Figure(
                name="largest item",
                value=f"{largest}: {items[largest] * 100:.3f} cents, in the median run",
            ),
            Figure(
                name="write units ÷ minimum for the stored items",
                value=f"{used.units['table_write_units']:.0f} ÷ {used.least} in the median run,"
                f" {several(write_ratios, '×', 2)}",
                ratio=ratios["writes ÷ minimum"],
            ),
        ],
        ratios=ratios,
        details=_details(used, items, prices),
    )


def _longest(totals: dict[float, float]) -> float:
    """Return the answer time in seconds at which a generation reaches the cost limit."""
    quick, slow = MODEL_SECONDS
    per_second = (totals[slow] - totals[quick]) / (slow - quick)
    return quick + (MAX_CENTS - totals[quick]) / per_second


def _details(
    used: Used, items: dict[str, float], prices: dict[str, dict[str, Any]]
) -> dict[str, list[str]]:
    units = used.units | Counter({"lambda_gb_seconds": used.gb_seconds[MODEL_SECONDS[0]]})
    unknown = sorted(set(units) - set(prices))
    return {
        "items, most expensive first": [
            f"{name}: {units[name]:,.4g} → {cost * 100:.4f} cents ({prices[name]['source']},"
            f" read {prices[name]['read']})"
            for name, cost in sorted(items.items(), key=lambda entry: -entry[1])
        ],
        "metered, price unknown": [f"{name}: {units[name]:,.0f}" for name in unknown],
        f"write units by item ({used.stored_bytes:,} bytes stored)": [
            f"{kind}: {number:.0f}" for kind, number in used.writes.most_common()
        ],
    }


def _priced(
    used: Used, model_seconds: float, prices: dict[str, dict[str, Any]]
) -> dict[str, float]:
    units: dict[str, float] = dict(used.units)
    units["lambda_gb_seconds"] = used.gb_seconds[model_seconds]
    return {
        name: number * prices[name]["usd"] / prices[name]["per"]
        for name, number in units.items()
        if name in prices
    }


def measure() -> list[Used]:
    """Run a small generation as a warm-up, then the measured ones."""
    from local.practice.server import PracticeServer
    from tests.workflow import moto_engine

    moto_engine.patch_moto()
    with PracticeServer(latency_factor=0) as practice, _clocked(moto_engine) as clock:
        _run_generation(practice, 1)
        return [_counted(practice, clock) for _ in range(RUNS)]


def _counted(practice: Any, clock: list[tuple[str, float]]) -> Used:
    clock.clear()
    computed = children_seconds()
    with _captured_output() as log, metered() as meter:
        history, items, approved = _run_generation(practice, TASKS)
    sandbox = children_seconds() - computed
    _count_run(meter, clock, history, len(log.read_bytes()))
    log.unlink()
    return Used(
        units=meter.units,
        writes=meter.writes,
        gb_seconds={seconds: _gb_seconds(clock, sandbox, seconds) for seconds in MODEL_SECONDS},
        least=sum(map(least_units, items)),
        stored_bytes=sum(map(item_bytes, items)),
        approved=approved,
    )


def _run_generation(
    practice: Any, tasks: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Run a generation; return its history, table items and number of approved assignments."""
    from coursewright.settings import settings
    from tests import aws
    from tests.benchmarks.agents_run import THIRD
    from tests.workflow.conftest import Workflow

    with aws.storage():
        settings.cache_clear()
        workflow = Workflow(practice)
        workflow._put_models(lambda text: text + THIRD.format(url=practice.url))
        workflow.publish(workflow.event(tasks_count=tasks, models=list(MODELS)))
        reviewer = workflow.reviewer(seconds=600)
        form = reviewer.open()
        reviewer.decide(form, "approved", approve=form.publishable)
        workflow.wait(seconds=600)
        workflow.output()
        return workflow.history(), workflow.items(""), len(form.publishable)


def _count_run(
    meter: Meter, clock: list[tuple[str, float]], history: list[dict[str, Any]], log_bytes: int
) -> None:
    plain = [{k: v for k, v in event.items() if not k.endswith("Details")} for event in history]
    engine_bytes = sum(len(json.dumps(event, default=str)) for event in plain)
    meter.add("state_transitions", sum(event["type"].endswith("StateEntered") for event in history))
    meter.add("lambda_requests", len(clock))
    meter.add("log_gigabytes", (log_bytes + engine_bytes) / 1e9)
    meter.add("events", 1)  # the Module Published event on the same bus


def _gb_seconds(clock: list[tuple[str, float]], sandbox: float, model_seconds: float) -> float:
    """Return the billed GB-seconds; the sandbox's CPU time is divided evenly among checks."""
    checks = sum(function == "check_code" for function, _ in clock)
    check = sandbox / max(checks, 1)
    waits = dict.fromkeys(AGENTS, model_seconds)
    waits |= dict.fromkeys(CHECKING, check * _stretch(_megabytes("check_code")))
    total = 0.0
    for function, computing in clock:
        megabytes = _megabytes(function)
        worked = computing + (check if function == "check_code" else 0.0)
        seconds = worked * _stretch(megabytes) + waits.get(function, 0.0)
        total += math.ceil(seconds * 1000) / 1000 * megabytes / 1024
    return total


def _stretch(megabytes: int) -> float:
    """Return the slowdown of a function whose memory buys less than one processor."""
    return max(1.0, FULL_PROCESSOR_MB / megabytes)


@cache
def _megabytes(function: str) -> int:
    template = load_template(TEMPLATE)
    logical = "".join(word.title() for word in function.split("_")) + "Function"
    usual = template["Globals"]["Function"]["MemorySize"]
    return int(template["Resources"][logical]["Properties"].get("MemorySize", usual))


@contextmanager
def _clocked(engine: Any) -> Iterator[list[tuple[str, float]]]:
    """Record the CPU time of every invocation, excluding nested ones."""
    clock: list[tuple[str, float]] = []
    plain = engine.run_function
    inner = threading.local()

    def timed(function: str, event: dict[str, Any]) -> Any:
        outer, inner.seconds = getattr(inner, "seconds", 0.0), 0.0
        began = time.thread_time()
        try:
            return plain(function, event)
        finally:
            took = time.thread_time() - began
            clock.append((function, took - inner.seconds))
            inner.seconds = outer + took

    engine.run_function = timed
    try:
        yield clock
    finally:
        engine.run_function = plain


@contextmanager
def _captured_output() -> Iterator[Path]:
    """Redirect the functions' output, which is their log on AWS, to a file."""
    sys.stdout.flush()
    with tempfile.NamedTemporaryFile(delete=False) as file:
        saved = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield Path(file.name)
        finally:
            sys.stdout.flush()
            os.dup2(saved, 1)
            os.close(saved)
