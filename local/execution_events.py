"""Follows an execution and says what happens, as it happens."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.stack import Laptop

ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True)
class Passage:
    """A state was entered or left; `data` is its input or output."""

    state: str
    entered: bool
    data: Any


@dataclass(frozen=True)
class Ending:
    """How an execution ended."""

    status: str
    state: str
    error: str
    message: str
    output: dict[str, Any]


def passages(laptop: Laptop, execution: str, *, seen: int = 0) -> Iterator[Passage | None]:
    """Return each passage of a state; None whenever nothing new happened; ends with the run."""
    engine = laptop.client("stepfunctions")
    while True:
        ended = engine.describe_execution(executionArn=execution)["status"] in ENDED
        events = history(engine, execution)
        for event in events[seen:]:
            if passage := _passage(event):
                yield passage
        seen = len(events)
        if ended:
            return
        yield None
        time.sleep(0.2)


def ending(laptop: Laptop, execution: str) -> Ending:
    """Say how an execution ended, in words."""
    engine = laptop.client("stepfunctions")
    found = engine.describe_execution(executionArn=execution)
    output = json.loads(found.get("output") or "{}")
    error, cause = found.get("error", ""), found.get("cause", "")
    state = failed_state(history(engine, execution)) if error else ""
    return Ending(found["status"], state, error, error_message(cause), output)


def events_so_far(laptop: Laptop, execution: str) -> int:
    """Count the events of an execution, so that a redrive can be followed from there."""
    return len(history(laptop.client("stepfunctions"), execution))


def error_message(cause: str) -> str:
    """Return the sentence of a failed function's cause."""
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause


def open_states(laptop: Laptop, execution: str) -> Counter[str]:
    """Count the states that a running execution has entered and not left."""
    engine = laptop.client("stepfunctions")
    if engine.describe_execution(executionArn=execution)["status"] in ENDED:
        return Counter()
    counts: Counter[str] = Counter()
    for event in history(engine, execution):
        if passage := _passage(event):
            counts[passage.state] += 1 if passage.entered else -1
    return +counts


def failed_state(events: list[dict[str, Any]]) -> str:
    """Name the state whose failure ended the execution."""
    by_id = {event["id"]: event for event in events}
    failures = [event for event in events if event["type"] in ("TaskFailed", "TaskTimedOut")]
    event = failures[-1] if failures else None
    while event and "stateEnteredEventDetails" not in event:
        event = by_id.get(event.get("previousEventId", 0))
    return str(event["stateEnteredEventDetails"]["name"]) if event else ""


def history(engine: Any, execution: str) -> list[dict[str, Any]]:
    """Return all events of an execution, oldest first."""
    pages = engine.get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


def _passage(event: dict[str, Any]) -> Passage | None:
    if details := event.get("stateEnteredEventDetails"):
        return Passage(details["name"], True, json.loads(details.get("input") or "null"))
    if details := event.get("stateExitedEventDetails"):
        return Passage(details["name"], False, json.loads(details.get("output") or "null"))
    return None
