"""Runs one generation from its event to its published assignments, printing the progress."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.console import DemoConsole
from local.execution_events import (
    ExecutionSummary,
    StateTransition,
    state_transitions,
    summarize_execution,
)
from local.mailbox import SentEmail
from local.reviewer import Form, Reviewer, http_transport
from local.stack import DeployedStack, wait_until

SECONDS_TO_START = 60
SECONDS_TO_ARRIVE = 30
ERRORS = {
    "refused": "ModelRefused",
    "disabled": "ModelDisabled",
    "too_long": "PromptTooLong",
}
LAST_PLACE = 99  # rank of a model missing from the league


class DemoFailed(RuntimeError):
    """A step of the demo failed; the message states where and why."""


@dataclass(frozen=True)
class StartedGeneration:
    """A started generation, with its execution's ARN."""

    execution: str
    generation: str


def publish(
    stack: DeployedStack, event: Mapping[str, Any], console: DemoConsole
) -> StartedGeneration:
    """Put the event on the bus and wait for its execution to start.

    Raises: DemoFailed with the error from the dead-letter queue if the event is rejected.
    """
    detail = event["detail"]
    known = {execution["executionArn"] for execution in stack.executions()}
    console.print_line(
        f"Event  {event.get('source')} / {event.get('detail-type')}: {event_title(detail)}"
    )
    stack.publish(event)

    def started_execution() -> str | None:
        for execution in stack.executions():
            if execution["executionArn"] not in known:
                arn: str = execution["executionArn"]
                return arn
        for letter in stack.dead_letters():
            raise DemoFailed(_dead_letter_text(letter))
        return None

    execution = wait_until(started_execution, seconds=SECONDS_TO_START)
    if execution is None:
        raise DemoFailed(f"no execution started within {SECONDS_TO_START} s")
    console.print_line(f"Execution  {execution.rsplit(':', 1)[-1]}")
    return StartedGeneration(execution, execution.rsplit("-", 1)[-1])


def follow(
    stack: DeployedStack,
    started: StartedGeneration,
    console: DemoConsole,
    *,
    seen: int = 0,
    mails_before: int,
) -> SentEmail | ExecutionSummary:
    """Print the states until an email requests a review or the execution ends."""
    for transition in state_transitions(stack, started.execution, seen=seen):
        if isinstance(transition, StateTransition):
            console.print_transition(transition)
        else:
            mails = stack.mails()
            if len(mails) > mails_before:
                return mails[mails_before]
    return summarize_execution(stack, started.execution)


def review(
    stack: DeployedStack,
    started: StartedGeneration,
    mail: SentEmail,
    console: DemoConsole,
    *,
    reject: bool = False,
) -> None:
    """Act as the email's recipient: open the link, enter the code and decide."""
    console.print_email(mail)
    reviewer = Reviewer(mail.text, http_transport(stack.site_url), stack.site_url)
    path = reviewer.open_link()
    form = reviewer.read_page(path)
    console.print_line(f"Reviewer  opens {path}: {len(form.publishable)} drafts can be published")
    console.print_league(league_rows(stack, started))
    if reject:
        reviewer.decide(form, "rejected", notes="These do not fit the lesson.")
        console.print_line("Reviewer  enters the code and rejects all drafts", "yellow")
        return
    chosen = best_of_each_task(stack, started, form)
    reviewer.decide(form, "approved", approve=chosen)
    console.print_line(f"Reviewer  enters the code and approves {len(chosen)} drafts", "green")


def best_of_each_task(
    stack: DeployedStack, started: StartedGeneration, form: Form
) -> tuple[str, ...]:
    """For each task, choose the draft of the highest-ranking model in the league."""
    rows = league_rows(stack, started)
    places = {row["model"]: place for place, row in enumerate(rows)}

    def place(draft: str) -> int:
        return places.get(draft.split("/r", maxsplit=1)[0], LAST_PLACE)

    best: dict[str, str] = {}
    for draft in sorted(form.publishable, key=place):
        best.setdefault(draft.rsplit("/", 1)[-1], draft)
    return tuple(best[task] for task in sorted(best))


def receive(stack: DeployedStack, console: DemoConsole) -> dict[str, Any]:
    """Wait for `Assignments Published`, like the course platform, and return its detail."""
    received = wait_until(stack.received_publications, seconds=SECONDS_TO_ARRIVE)
    if not received:
        raise DemoFailed(f"Assignments Published did not arrive within {SECONDS_TO_ARRIVE} s")
    publication: dict[str, Any] = received[0]["detail"]
    console.print_line("Course platform  received Assignments Published", "green")
    console.print_assignments(publication)
    return publication


def finish(
    stack: DeployedStack,
    started: StartedGeneration,
    console: DemoConsole,
    *,
    seen: int,
    mails_before: int,
) -> ExecutionSummary:
    """Follow the execution until it succeeds. Raises: DemoFailed."""
    end = follow(stack, started, console, seen=seen, mails_before=mails_before)
    if isinstance(end, SentEmail):
        raise DemoFailed("a second review was requested")
    require_success(end)
    return end


def require_success(end: ExecutionSummary) -> None:
    """Raise DemoFailed if the execution has failed or produced no reviewable draft."""
    if end.status != "SUCCEEDED":
        raise DemoFailed(f"the execution is {end.status} in {failure_text(end)}")
    if end.output.get("status") == "nothing_to_review":
        outcomes = end.output.get("outcomes", [])
        reasons = [f"{outcome['model']}: {_outcome_text(outcome)}" for outcome in outcomes]
        raise DemoFailed("no draft was ready for review. " + "; ".join(reasons))


def failure_text(end: ExecutionSummary) -> str:
    """Return the state in which an execution failed and the error's name and message."""
    return f"“{end.state}”: {end.error}: {end.message}"


def league_rows(
    stack: DeployedStack, started: StartedGeneration, round_number: int = 1
) -> list[dict[str, Any]]:
    """Return a review round's league, best model first."""
    key = {"PK": {"S": f"GENERATION#{started.generation}"}, "SK": {"S": f"LEAGUE#{round_number}"}}
    table = stack.outputs["TableName"]
    item = stack.client("dynamodb").get_item(TableName=table, Key=key).get("Item")
    rows: list[dict[str, Any]] = json.loads(item["body"]["S"]) if item else []
    return rows


def event_title(detail: Any) -> str:
    """Return the titles of an event's course and module; `?` replaces a missing title."""
    if not isinstance(detail, Mapping):
        return "?"
    course, module = detail.get("course", {}), detail.get("module", {})
    titles = [part.get("title", "?") for part in (course, module) if isinstance(part, Mapping)]
    return " / ".join(map(str, titles))


def _outcome_text(outcome: dict[str, Any]) -> str:
    if outcome["outcome"] == "written":
        return f"{outcome.get('verified', 0)} drafts verified {outcome.get('reason', '')}".strip()
    return f"{ERRORS.get(outcome['outcome'], outcome['outcome'])}: {outcome.get('reason', '')}"


def _dead_letter_text(letter: dict[str, Any]) -> str:
    payload = letter.get("responsePayload") or {}
    name, message = payload.get("errorType", "unknown error"), payload.get("errorMessage", letter)
    return f"the event was sent to the dead-letter queue: {name}: {message}"
