"""Publishes a hundred events at once on the laptop cloud: `python -m tests.drill.burst`."""

import argparse
import copy
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.demo import sample_event
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until
from tests.benchmarks.processes import computing_seconds, family, pss_kb

CALLS = 3  # one task: conditions, tests, solution
SECONDS = 1200
PAUSE_SECONDS = 3.0  # reading the memory of so many processes is slow


@dataclass(frozen=True)
class Burst:
    """The outcome of a burst of events."""

    events: int
    executions: int
    open_reviews: int
    mails: int
    model_calls: int
    dead_letters: int
    seconds: float
    computing_seconds: float
    megabytes: int

    @property
    def is_whole(self) -> bool:
        """Whether each event led to exactly one execution, open review and email."""
        counted = {self.executions, self.open_reviews, self.mails, self.model_calls // CALLS}
        return counted == {self.events} and self.model_calls % CALLS == 0 == self.dead_letters


def burst(cloud: RunningStack, size: int) -> Burst:
    """Publish all events at once, each one twice, and wait until all reviews are open."""
    stack, began, peak = cloud.stack, time.monotonic(), 0
    computed = computing_seconds()
    event = sample_event("python_loops.json")
    event["detail"]["brief"] |= {"tasks_count": 1, "models": ["openai:practice-quick"]}
    for number in range(size):
        copied = copy.deepcopy(event)
        copied["detail"]["request_id"] = f"burst {number}"
        stack.publish(copied)
        stack.publish(copied)

    def all_mailed() -> bool:
        nonlocal peak
        peak = max(peak, megabytes())
        return len(stack.mails()) >= size

    wait_until(all_mailed, seconds=SECONDS, pause_seconds=PAUSE_SECONDS)
    statuses = Counter(execution["status"] for execution in stack.executions())
    return Burst(
        events=size,
        executions=statuses["RUNNING"],
        open_reviews=len(list(_open_reviews(cloud))),
        mails=len(stack.mails()),
        model_calls=sum(call.status == 200 for call in cloud.practice.calls),
        dead_letters=len(stack.dead_letters()),
        seconds=time.monotonic() - began,
        computing_seconds=computing_seconds() - computed,
        megabytes=peak,
    )


def _open_reviews(cloud: RunningStack) -> Iterator[dict[str, Any]]:
    table = cloud.stack.outputs["TableName"]
    scan = cloud.stack.client("dynamodb").get_paginator("scan")
    for page in scan.paginate(TableName=table):
        items = page["Items"]
        yield from (item for item in items if item.get("decision", {}).get("S") == "pending")


def megabytes() -> int:
    """Return the memory of this process tree, counting shared pages once."""
    return sum(pss_kb(pid) for pid in family(os.getpid())) // 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the burst and print its outcome; return 0 only if nothing was lost or duplicated."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill.burst", description=__doc__)
    parser.add_argument("--events", type=int, default=100)
    options = parser.parse_args(arguments)
    with running_stack(latency_factor=0) as cloud:
        outcome = burst(cloud, options.events)
    lost = outcome.events - outcome.open_reviews
    twice = max(0, outcome.model_calls - CALLS * outcome.events)
    sys.stdout.write(
        f"{outcome.events} events, each published twice, at once:"
        f" {outcome.open_reviews} reviews open, {outcome.mails} emails, {lost} lost,"
        f" {twice} model calls paid twice,"
        f" {outcome.dead_letters} dead letters; {outcome.seconds:.0f} s,"
        f" {outcome.computing_seconds:.0f} s of CPU time, {outcome.megabytes} MB\n"
    )
    return 0 if outcome.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
