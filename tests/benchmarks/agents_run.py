"""Compares a run with three models on moto's interpreter with a sequential loop.

The stub answers every call after two seconds and the sandbox immediately, so the figures show how
well the state machine runs models and drafts in parallel.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from local.practice.server import PracticeServer
from tests import aws
from tests.benchmarks.report import Figure, Report, several
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

LATENCY_SECONDS = 2.0
TASKS = 5
RUNS = 5
MAX_RATIO = 1.15
MODELS = ("openai:practice-quick", "openai:practice-careful", "openai:practice-third")
THIRD = """
[[models]]
id = "openai:practice-third"
label = "Practice author, quick again"
group = "Practice models (not language models)"
provider = "openai"
name = "practice-quick"
tool_calling = true
base_url = "{url}"
"""
VERIFIED = {
    "verdict": "verified",
    "reasons": [],
    "solution_passes": True,
    "starter_fails": True,
    "tests_run": 4,
    "mutants": {"total": 10, "killed": 10, "survivors": []},
    "repeatable": True,
    "duration_ms": 1,
}


class SlowStub(PracticeServer):
    """Practice models that delay each answer."""

    latency_seconds = 0.0

    def complete(self, body: object) -> dict[str, object]:
        """Answer after the delay."""
        time.sleep(self.latency_seconds)
        return super().complete(body)


@dataclass(frozen=True)
class TimedInvocation:
    """One invocation of a function."""

    function: str
    event: dict[str, Any]
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """The invocation's duration."""
        return self.ended - self.began


class ParallelRun(NamedTuple):
    """A run with three models: its duration, that of the slowest model, and the calls."""

    seconds: float
    slowest: float
    calls: int
    calls_on_redrives: int

    @property
    def ratio(self) -> float:
        """The total time as a multiple of the slowest model's critical path."""
        return self.seconds / self.slowest


def measure() -> Report:
    """Run three models several times, with redrives, then a sequential loop on the same stub."""
    with _timed_stub() as (stub, ran):
        _parallel_run(stub, ran, 1)  # warm-up
        stub.latency_seconds = LATENCY_SECONDS
        runs = [_parallel_run(stub, ran, TASKS) for _ in range(RUNS)]
        looped = _loop(stub)
    return report(runs, looped)


def report(runs: Sequence[ParallelRun], looped: Sequence[float]) -> Report:
    """Compare the runs with their goals and with a sequential loop."""
    wanted = len(MODELS) * (1 + 2 * TASKS)
    calls, again = {run.calls for run in runs}, {run.calls_on_redrives for run in runs}
    ratio = median(run.ratio for run in runs)
    return Report(
        part="agents_run",
        figures=[
            Figure(
                name=f"model calls, {len(MODELS)} models × {TASKS} tasks, no repairs",
                value=f"{_counts(calls)} in each of {len(runs)} runs",
                must_be=f"M × (1 + 2N) = {wanted}",
                holds=calls == {wanted},
            ),
            Figure(
                name="additional calls during two redrives",
                value=f"{_counts(again)} in each of {len(runs)} runs",
                must_be="0",
                holds=again == {0},
            ),
            Figure(
                name="three models in parallel ÷ critical path of the slowest model",
                value=f"{several([run.ratio for run in runs], '×', 2)},"
                f" {several([run.seconds for run in runs], 's')}",
                must_be=f"≤ {MAX_RATIO}",
                holds=ratio <= MAX_RATIO,
                ratio=ratio,
            ),
            Figure(
                name="the same calls in a sequential loop",
                value=f"{sum(looped):.1f} s; per call with its follow-up"
                f" {median(looped):.2f} s ({min(looped):.2f}–{max(looped):.2f})",
            ),
        ],
        ratios={
            "sequential loop ÷ three models in parallel": sum(looped)
            / median(run.seconds for run in runs)
        },
    )


def _counts(found: set[int]) -> str:
    return " or ".join(map(str, sorted(found)))


def _parallel_run(stub: SlowStub, ran: list[TimedInvocation], tasks: int) -> ParallelRun:
    """Run until the review is open; crash and redrive twice after the models' work."""
    before = len(stub.calls)
    ran.clear()
    with _deployed(stub) as workflow:
        moto_engine.interceptors |= {"compare_models": _crash, "open_review": _crash}
        workflow.publish(workflow.event(tasks_count=tasks, models=list(MODELS)))
        workflow.wait()
        paid = len(stub.calls) - before
        for function in ("compare_models", "open_review"):
            del moto_engine.interceptors[function]
            workflow.redrive()
            if function == "compare_models":
                workflow.wait()
        workflow.reviewer()
    return ParallelRun(*_total_and_critical_path(ran), paid, len(stub.calls) - before - paid)


def _crash(event: dict[str, Any]) -> None:
    raise MemoryError("simulated")


def _total_and_critical_path(ran: list[TimedInvocation]) -> tuple[float, float]:
    """Return the models' total time and the critical path of the slowest model."""
    work = _models_work(ran)
    together = max(task.ended for task in work) - min(task.began for task in work)
    slowest = max(
        _critical_path([task for task in work if task.event["model"] == m]) for m in MODELS
    )
    return together, slowest


def _models_work(ran: list[TimedInvocation]) -> list[TimedInvocation]:
    return [task for task in ran if task.function.startswith(("write_", "verify_"))]


def _critical_path(work: list[TimedInvocation]) -> float:
    drafts: dict[str, dict[str, float]] = {}
    for task in work:
        if "draft" in task.event:
            drafts.setdefault(task.event["draft"], {})[task.function] = task.seconds
    conditions = sum(task.seconds for task in work if task.function == "write_conditions")
    chains = (
        max(took["write_tests"], took["write_solution"]) + took["verify_draft"]
        for took in drafts.values()
    )
    return conditions + max(chains)


def _loop(stub: SlowStub) -> list[float]:
    """Time the calls of a sequential loop over models and tasks, like that of a simple script.

    The time of a solution includes its verification.
    """
    with _deployed(stub) as workflow:
        moto_engine.interceptors["build_prompts"] = _crash
        started = workflow.publish(workflow.event(tasks_count=TASKS, models=list(MODELS)))
        workflow.wait()
        times: list[float] = []

        def call(*functions: str, part: dict[str, Any]) -> Any:
            began = time.monotonic()
            answers = [moto_engine.run_function(function, part) for function in functions]
            times.append(time.monotonic() - began)
            return answers[0]

        for model in MODELS:
            task = {"generation": started["execution"][-16:], "round": 1, "model": model}
            written = call("write_conditions", part=task | {"notes": None})
            for draft in written["drafts"]:
                part = task | {"draft": draft, "attempt": 0}
                call("write_tests", part=part)
                call("write_solution", "verify_draft", part=part)
        return times


@contextmanager
def _deployed(stub: SlowStub) -> Iterator[Workflow]:
    from coursewright.settings import settings

    with aws.storage():
        settings.cache_clear()
        workflow = Workflow(stub)
        workflow._put_models(lambda text: text + THIRD.format(url=stub.url))
        yield workflow
    moto_engine.interceptors.clear()


@contextmanager
def _timed_stub() -> Iterator[tuple[SlowStub, list[TimedInvocation]]]:
    moto_engine.patch_moto()
    ran: list[TimedInvocation] = []
    plain = moto_engine.run_function

    def timed(function: str, event: dict[str, Any]) -> Any:
        if function == "check_code":
            return VERIFIED
        began = time.monotonic()
        try:
            return plain(function, event)
        finally:
            ran.append(TimedInvocation(function, event, began, time.monotonic()))

    moto_engine.run_function = timed
    try:
        with SlowStub(latency_factor=0) as stub:
            yield stub, ran
    finally:
        moto_engine.run_function = plain
        moto_engine.interceptors.clear()
