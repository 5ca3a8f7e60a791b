"""One run of three models on moto's interpreter, beside a loop that asks one after the other.

The stub answers every call after two seconds, the sandbox at once, so that what is measured is how
the state machine lets models and drafts run side by side.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.practice.server import PracticeServer
from tests import aws
from tests.benchmarks.report import Figure, Report
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

LATENCY_SECONDS = 2.0
TASKS = 5
MODELS = ("openai:practice-quick", "openai:practice-careful", "openai:practice-third")
THIRD = """
[[models]]
id = "openai:practice-third"
label = "Practice author, quick again"
group = "Practice models (no language models)"
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
    """The practice authors, each answer two seconds late."""

    latency_seconds = 0.0

    def complete(self, body: object) -> dict[str, object]:
        """Answer late."""
        time.sleep(self.latency_seconds)
        return super().complete(body)


@dataclass(frozen=True)
class Ran:
    """One run of a function."""

    function: str
    event: dict[str, Any]
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """Give how long it took."""
        return self.ended - self.began


def measure() -> Report:
    """Run three models at once, redrive, then ask in a loop; all on one stub."""
    with _scene() as (stub, ran):
        _parallel(stub, ran, 1)  # loads what a first run loads
        stub.latency_seconds = LATENCY_SECONDS
        together, calls, again = _parallel(stub, ran, TASKS)
        ratio, slowest = _beside_critical_path(ran)
        looped = _loop(stub)
    wanted = len(MODELS) * (1 + 2 * TASKS)
    return Report(
        part="agents_run",
        figures=[
            Figure(
                name=f"model calls, {len(MODELS)} models × {TASKS} tasks, no repairs",
                value=str(calls),
                must_be=f"M × (1 + 2N) = {wanted}",
                holds=calls == wanted,
            ),
            Figure(
                name="more calls on two redrives", value=str(again), must_be="0", holds=again == 0
            ),
            Figure(
                name="three models at once ÷ slowest model's own critical path",
                value=f"{ratio:.2f} ({together:.1f} s ÷ {slowest:.1f} s)",
                must_be="≤ 1.15",
                holds=ratio <= 1.15,
            ),
            Figure(name="the same calls one after the other", value=f"{looped:.1f} s"),
        ],
        ratios={"sequential loop ÷ three models at once": looped / together},
    )


def _parallel(stub: SlowStub, ran: list[Ran], tasks: int) -> tuple[float, int, int]:
    """Run until the review is open, breaking off and redriving twice behind the models' work."""
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
    work = _models_work(ran)
    seconds = max(one.ended for one in work) - min(one.began for one in work)
    return seconds, paid, len(stub.calls) - before - paid


def _crash(event: dict[str, Any]) -> None:
    raise MemoryError("staged")


def _beside_critical_path(ran: list[Ran]) -> tuple[float, float]:
    """Compare the models' time with the longest chain of one model's dependent tasks."""
    work = _models_work(ran)
    together = max(one.ended for one in work) - min(one.began for one in work)
    slowest = max(_critical_path([one for one in work if one.event["model"] == m]) for m in MODELS)
    return together / slowest, slowest


def _models_work(ran: list[Ran]) -> list[Ran]:
    return [one for one in ran if one.function.startswith(("write_", "verify_"))]


def _critical_path(work: list[Ran]) -> float:
    drafts: dict[str, dict[str, float]] = {}
    for one in work:
        if "draft" in one.event:
            drafts.setdefault(one.event["draft"], {})[one.function] = one.seconds
    conditions = sum(one.seconds for one in work if one.function == "write_conditions")
    chains = (
        max(took["write_tests"], took["write_solution"]) + took["verify_draft"]
        for took in drafts.values()
    )
    return conditions + max(chains)


def _loop(stub: SlowStub) -> float:
    """Call the same functions in a loop over models and tasks, as a simple script would."""
    with _deployed(stub) as workflow:
        moto_engine.interceptors["build_prompts"] = _crash
        started = workflow.publish(workflow.event(tasks_count=TASKS, models=list(MODELS)))
        workflow.wait()
        began = time.monotonic()
        for model in MODELS:
            task = {"generation": started["execution"][-16:], "round": 1, "model": model}
            written = moto_engine.run_function("write_conditions", task | {"notes": None})
            for draft in written["drafts"]:
                part = task | {"draft": draft, "attempt": 0}
                for function in ("write_tests", "write_solution", "verify_draft"):
                    moto_engine.run_function(function, part)
        return time.monotonic() - began


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
def _scene() -> Iterator[tuple[SlowStub, list[Ran]]]:
    moto_engine.patch_moto()
    ran: list[Ran] = []
    plain = moto_engine.run_function

    def timed(function: str, event: dict[str, Any]) -> Any:
        if function == "check_code":
            return VERIFIED
        began = time.monotonic()
        try:
            return plain(function, event)
        finally:
            ran.append(Ran(function, event, began, time.monotonic()))

    moto_engine.run_function = timed
    try:
        with SlowStub(latency_factor=0) as stub:
            yield stub, ran
    finally:
        moto_engine.run_function = plain
        moto_engine.interceptors.clear()
