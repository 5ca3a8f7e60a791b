"""Runs briefs on several models without a review, to choose a model or try out a prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursewright.domain.league import LeagueRow, combined, ranked
from local import demo_flow
from local.console import DemoConsole
from local.demo import PRACTICE_WAIT_SCALE, read_event, registry_text, usable_keys
from local.demo_flow import DemoFailed, StartedGeneration
from local.execution_events import ENDED, summarize_execution
from local.running_stack import running_stack
from local.stack import DeployedStack, wait_until

SECONDS_PER_GENERATION = 3_600
UNUSED_REVIEWER = "nobody@example.edu"  # a brief needs a reviewer, but no review takes place


@dataclass(frozen=True)
class Evaluation:
    """The league, and a sentence about each failed generation."""

    rows: tuple[LeagueRow, ...]
    failures: tuple[str, ...]


def evaluate(
    paths: Sequence[Path], models: Sequence[str], console: DemoConsole, *, base_url: str = ""
) -> Evaluation:
    """Run each brief on each model in isolation, so that failures do not affect other runs.

    Raises: DemoFailed before anything starts, if a file is not an event or a key is missing.
    """
    events = [read_event(path) for path in paths]
    keys = usable_keys(models, base_url)
    is_practice = all(model.startswith("openai:practice-") for model in models)
    with running_stack(
        models=registry_text(models, base_url),
        keys=keys,
        wait_scale=PRACTICE_WAIT_SCALE if is_practice else 1.0,
    ) as cloud:
        return run_briefs(cloud.stack, events, models, console)


def run_briefs(
    stack: DeployedStack,
    events: Sequence[Mapping[str, Any]],
    models: Sequence[str],
    console: DemoConsole,
) -> Evaluation:
    """Start all generations at once and combine their results."""
    generations = [
        (model, _start(stack, event, model, number, console))
        for number, event in enumerate(events, start=1)
        for model in models
    ]
    results = [_await_league(stack, model, started, console) for model, started in generations]
    rows = [row for league, _ in results for row in league]
    failures = tuple(failure for _, failure in results if failure)
    return Evaluation(ranked(combined(rows)), failures)


def _start(
    stack: DeployedStack, event: Mapping[str, Any], model: str, number: int, console: DemoConsole
) -> StartedGeneration:
    detail = dict(event["detail"])
    brief = dict(detail.get("brief") or {}) | {"models": [model]}
    detail |= {"brief": brief, "request_id": f"evaluation {number}"}
    detail.setdefault("reviewers", [UNUSED_REVIEWER])
    return demo_flow.publish(stack, dict(event) | {"detail": detail}, console)


def _await_league(
    stack: DeployedStack, model: str, started: StartedGeneration, console: DemoConsole
) -> tuple[list[LeagueRow], str]:
    """Wait for a generation's league, then stop its execution; return the error if it failed."""
    step_functions = stack.client("stepfunctions")

    def league_or_status() -> list[dict[str, Any]] | str:
        if rows := demo_flow.league_rows(stack, started):
            return rows
        description = step_functions.describe_execution(executionArn=started.execution)
        return str(description["status"]) if description["status"] in ENDED else ""

    outcome = wait_until(league_or_status, seconds=SECONDS_PER_GENERATION)
    if isinstance(outcome, list):
        step_functions.stop_execution(
            executionArn=started.execution, cause="evaluated without a review"
        )
        console.print_line(f"  ✓ {model} {started.generation}")
        return [LeagueRow.model_validate(row) for row in outcome], ""
    end = summarize_execution(stack, started.execution)
    no_league = f"no result within {SECONDS_PER_GENERATION} s"
    reason = f"{end.error}: {end.message}" if end.error else no_league
    return [], f"{model} on {started.generation}: {reason}"


def require_models(models: Sequence[str]) -> None:
    """Check that at least one model is named and none is named twice. Raises: DemoFailed."""
    if not models:
        raise DemoFailed("specify at least one model, such as --model openai:practice-quick")
    if len(set(models)) < len(models):
        raise DemoFailed("a model is specified twice")
