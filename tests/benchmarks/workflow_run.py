"""Times generations on moto's interpreter, from the event to the reviewer's email.

The stub runs in a separate process, so that its CPU time is not measured.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from local.practice import authors
from local.practice.content import Assignment, Portfolio, portfolios
from tests.benchmarks.agents_run import VERIFIED, SlowStub
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

NAME = "openai:bench-{}"
ENVIRONMENT = {
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "MONTHLY_BUDGET_USD": "100000",  # a model without a price counts as expensive
    "GENERATION_BUDGET_USD": "100000",
}
ENTRY = """
[[models]]
id = "{id}"
label = "Practice author, quick"
group = "Practice models (not language models)"
provider = "openai"
name = "practice-quick"
tool_calling = true
base_url = "{url}"
"""
Key = tuple[str, str, str]  # function, model, draft
MAILING = ("request_review", "", "")


class Duration(NamedTuple):
    """A generation's duration in seconds.

    `seconds` is wall-clock time, `computing` the CPU time of this process, `path` the CPU time of
    the functions on the critical path to the email.
    """

    seconds: float
    computing: float
    path: float


class Stub(NamedTuple):
    """A model server at `url` that answers after `latency_seconds`."""

    url: str
    latency_seconds: float


@contextmanager
def stub(latency_seconds: float) -> Iterator[Stub]:
    """Start a slow model server in a separate process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(latency_seconds, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Stub(ours.recv(), latency_seconds)
    finally:
        ours.close()
        process.join()


@contextmanager
def functions(*, sandbox: bool) -> Iterator[None]:
    """Patch moto; the sandbox answers immediately unless the real one is requested."""
    moto_engine.patch_moto()
    plain = moto_engine.run_function

    def instant(function: str, event: dict[str, Any]) -> Any:
        return VERIFIED if function == "check_code" else plain(function, event)

    with _only_here(plain if sandbox else instant):
        yield


def to_mail(stub: Stub, models: int, tasks: int) -> Duration:
    """Time a generation from the event to the email."""
    with _deployed(stub) as workflow, _computing_by_function() as by_function:
        began, computed = time.monotonic(), time.process_time()
        workflow.publish(_event(workflow, models, tasks))
        _wait_for_mail(workflow)
        took = time.monotonic() - began, time.process_time() - computed
        while MAILING not in by_function:  # it records the sent email, then ends
            time.sleep(0.005)
        workflow.engine.stop_execution(executionArn=workflow.execution)
    return Duration(*took, path_seconds(by_function))


def loop(stub: Stub, models: int, tasks: int) -> float:
    """Call the agents sequentially, like a script; the sandbox answers immediately."""

    def crash(event: dict[str, Any]) -> None:
        raise MemoryError("staged")

    with _deployed(stub) as workflow:
        moto_engine.interceptors["reserve_budget"] = crash  # builds prompts without calling a model
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


def path_seconds(by_function: dict[Key, float]) -> float:
    """Return the CPU time along the longest path through the state machine's Maps."""
    drafts: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    conditions: dict[str, float] = {}
    before_and_after = 0.0
    for (function, model, draft), seconds in by_function.items():
        if draft:
            drafts[model][draft][function] = seconds
        elif model:
            conditions[model] = seconds
        else:
            before_and_after += seconds
    return before_and_after + max(
        seconds + max(map(_draft_seconds, drafts[model].values()))
        for model, seconds in conditions.items()
    )


def _draft_seconds(found: dict[str, float]) -> float:
    return max(found["write_tests"], found["write_solution"]) + found["verify_draft"]


@contextmanager
def _computing_by_function() -> Iterator[dict[Key, float]]:
    plain = moto_engine.run_function
    found: dict[Key, float] = {}

    def timed(function: str, event: dict[str, Any]) -> Any:
        before = time.thread_time()
        try:
            return plain(function, event)
        finally:
            if function != "check_code":  # part of verify_draft, which calls it
                key = (function, event.get("model", ""), event.get("draft", ""))
                found[key] = time.thread_time() - before

    with _only_here(timed):
        yield found


@contextmanager
def _only_here(run: Any) -> Iterator[None]:
    with patch.object(moto_engine, "run_function", run):
        yield
    moto_engine.interceptors.clear()


def _wait_for_mail(workflow: Workflow) -> None:
    """Poll the mailbox often, which is free, and the execution rarely, which costs a call."""
    while not workflow.mails():
        look_again = time.monotonic() + 1
        while not workflow.mails() and time.monotonic() < look_again:
            time.sleep(0.005)
        end = workflow.engine.describe_execution(executionArn=workflow.execution)
        if end["status"] not in ("RUNNING", "SUCCEEDED"):
            raise RuntimeError(f"no mail: {end.get('error')} {end.get('cause')}")


def _event(workflow: Workflow, models: int, tasks: int) -> dict[str, Any]:
    names = [NAME.format(number) for number in range(models)]
    return workflow.event("sql_joins", tasks_count=tasks, models=names)


@contextmanager
def _deployed(stub: Stub) -> Iterator[Workflow]:
    from coursewright.settings import settings
    from tests import aws

    os.environ |= ENVIRONMENT
    with aws.storage():
        settings.cache_clear()
        provider: Any = SimpleNamespace(url=stub.url, calls=[])
        workflow = Workflow(provider)
        entries = "".join(ENTRY.format(id=NAME.format(at), url=stub.url) for at in range(6))
        workflow._put_models(lambda text: text + entries)
        yield workflow


def _serve(latency_seconds: float, owner: Connection) -> None:
    """Serve enough exercises for ten tasks until the parent closes the pipe."""

    def twice() -> tuple[Portfolio, ...]:
        return tuple(
            portfolio.model_copy(
                update={
                    "assignments": (*portfolio.assignments, *map(_again, portfolio.assignments))
                }
            )
            for portfolio in portfolios()
        )

    with patch.object(authors, "portfolios", twice), SlowStub(latency_factor=0) as slow:
        slow.latency_seconds = latency_seconds
        owner.send(slow.url)
        owner.poll(None)


def _again(sample: Assignment) -> Assignment:
    return sample.model_copy(update={"name": f"{sample.name}, once more"})
