"""Overhead of validation and the ledger per model call, with moto's in-memory table and bucket.

Both variants build their client, call the model and save the same solution; the ledger's reads and
writes are emulated in this process, so the figures are CPU time without network latency.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import NamedTuple

import boto3
from langchain_core.messages import HumanMessage, SystemMessage

from coursewright.adapters.answers import DynamoAnswers
from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.drafts import DynamoDrafts
from coursewright.adapters.table import Table
from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_builder import prompt_for_solution, shared_opening
from coursewright.agents.providers.factory import build_chat_model
from coursewright.agents.toolsets import SolutionService
from coursewright.domain.assignment import Authorship
from coursewright.steps.write_solution import write_solution
from tests import aws
from tests.benchmarks.report import Figure, Report, several
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    GENERATION,
    GOOD_SOLUTION,
    LESSON,
    MODEL,
    PART,
    AgentFixture,
    agent_fixture,
    draft,
    request,
)
from tests.workflow.moto_speed import speed_up

CALLS = 30
WARM_UP = 5
MAX_MILLISECONDS = 30


def measure() -> Report:
    """Measure bare and guarded calls alternately, so that a busy machine affects both equally."""
    speed_up()
    bare: list[CallTime] = []
    guarded: list[CallTime] = []
    with ScriptedProvider([completion(("save_solution", GOOD_SOLUTION))]) as stub, aws.storage():
        deps = _on_moto(agent_fixture(stub.url))
        for number in range(1, CALLS + WARM_UP + 1):
            bare.append(_took(lambda: _call_bare(deps, -number)))  # noqa: B023 – at once
            guarded.append(_took(lambda: _call_guarded(deps, number)))  # noqa: B023 – at once
    bare, guarded = bare[WARM_UP:], guarded[WARM_UP:]
    pairs = list(zip(bare, guarded, strict=True))
    added = [(with_.seconds - without.seconds) * 1000 for without, with_ in pairs]
    return Report(
        part="agents_overhead",
        figures=[
            Figure(name="bare call that saves its answer", value=_format_times(bare)),
            Figure(name="guarded call with ledger", value=_format_times(guarded)),
            Figure(
                name="overhead of validation and ledger",
                value=several(added, "ms"),
                must_be=f"≤ {MAX_MILLISECONDS} ms",
                holds=median(added) <= MAX_MILLISECONDS,
                ratio=median(added) / MAX_MILLISECONDS,
            ),
        ],
    )


class CallTime(NamedTuple):
    """A call's wall-clock and CPU time, which differ on a busy machine."""

    seconds: float
    computing_seconds: float


def _format_times(calls: list[CallTime]) -> str:
    computing = median(took.computing_seconds for took in calls) * 1000
    return (
        f"{several([took.seconds * 1000 for took in calls], 'ms')}, {computing:.1f} ms of CPU time"
    )


def _call_bare(deps: AgentDeps, number: int) -> None:
    own = draft(number=abs(number))
    prompt = prompt_for_solution(shared_opening(request(), LESSON), own)
    service = SolutionService(GENERATION, f"{MODEL}/r1/d{number}", 0, deps.drafts)
    authorship = Authorship(prompt_set="p", prompt_sha256="s")
    model = build_chat_model(deps.registry.get(MODEL), "sk-scripted")
    asked = model.bind_tools(service.tools(authorship), tool_choice=service.tool_name)
    message = asked.invoke([SystemMessage(prompt.system), HumanMessage(prompt.task)])
    service.save(message.tool_calls[0]["args"], authorship)


def _call_guarded(deps: AgentDeps, number: int) -> None:
    task = PART.model_copy(update={"draft": f"{MODEL}/r1/d{number}"})
    write_solution(
        task, deps=deps, invocation=InvocationContext(lease=str(number), seconds_left=60)
    )


def _on_moto(fixture: AgentFixture) -> AgentDeps:
    table = Table(boto3.client("dynamodb"), aws.TABLE)
    s3 = boto3.client("s3")
    blobs = BlobStore(TextStore(s3, aws.BUCKET, "bodies", ".json"))
    drafts = DynamoDrafts(table, blobs)
    for number in range(1, CALLS + WARM_UP + 1):
        drafts.save_drafts((draft(number=number),))
    return replace(
        fixture.deps,
        drafts=drafts,
        answers=DynamoAnswers(
            table,
            blobs,
            prompts=TextStore(s3, aws.BUCKET, "prompts", ".md"),
            responses=TextStore(s3, aws.BUCKET, "answers", ".txt"),
        ),
    )


def _took(act: Callable[[], None]) -> CallTime:
    began, computed = time.perf_counter(), time.process_time()
    act()
    return CallTime(time.perf_counter() - began, time.process_time() - computed)
