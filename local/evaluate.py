"""Briefs run on several models without any review: how a team picks a model or tries a prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursewright.domain.league import LeagueRow, combined, ranked
from local import demo_flow
from local.console import Teller
from local.demo import read_event, registry_text, usable_keys
from local.demo_flow import Chapter, StoryBroken
from local.execution_events import ENDED, ending
from local.stack import Laptop, running, wait_until

SECONDS_FOR_ONE = 3_600
NOBODY = "nobody@example.edu"  # a brief needs a reviewer; no review is waited for


@dataclass(frozen=True)
class Evaluation:
    """What came out: the league, and a sentence for each run that failed."""

    rows: tuple[LeagueRow, ...]
    failures: tuple[str, ...]


def evaluate(
    paths: Sequence[Path], models: Sequence[str], teller: Teller, *, base_url: str = ""
) -> Evaluation:
    """Run every brief on every model by itself, so that one that breaks stops no other.

    Raises: StoryBroken before anything starts, if a file is no event or a key is missing.
    """
    events = [read_event(path) for path in paths]
    keys = usable_keys(models, base_url)
    is_practice = all(model.startswith("openai:practice-") for model in models)
    with running(
        models=registry_text(models, base_url), keys=keys, wait_scale=0.002 if is_practice else 1.0
    ) as cloud:
        return run_briefs(cloud.laptop, events, models, teller)


def run_briefs(
    laptop: Laptop, events: Sequence[Mapping[str, Any]], models: Sequence[str], teller: Teller
) -> Evaluation:
    """Start all runs at once, and add up what came of them."""
    started = [
        (model, _start(laptop, event, model, number, teller))
        for number, event in enumerate(events, start=1)
        for model in models
    ]
    ended = [_outcome(laptop, model, chapter, teller) for model, chapter in started]
    rows = [row for found, _ in ended for row in found]
    failures = tuple(sentence for _, sentence in ended if sentence)
    return Evaluation(ranked(combined(rows)), failures)


def _start(
    laptop: Laptop, event: Mapping[str, Any], model: str, number: int, teller: Teller
) -> Chapter:
    detail = dict(event["detail"])
    brief = dict(detail.get("brief") or {}) | {"models": [model]}
    detail |= {"brief": brief, "request_id": f"evaluation {number}"}
    detail.setdefault("reviewers", [NOBODY])
    return demo_flow.publish(laptop, dict(event) | {"detail": detail}, teller)


def _outcome(
    laptop: Laptop, model: str, chapter: Chapter, teller: Teller
) -> tuple[list[LeagueRow], str]:
    """Wait for the league of a run and stop it there; a run that fails has a sentence instead."""
    engine = laptop.client("stepfunctions")

    def found() -> list[dict[str, Any]] | str:
        if rows := demo_flow.league(laptop, chapter):
            return rows
        status: str = engine.describe_execution(executionArn=chapter.execution)["status"]
        return status if status in ENDED else ""

    outcome = wait_until(found, seconds=SECONDS_FOR_ONE)
    if isinstance(outcome, list):
        engine.stop_execution(executionArn=chapter.execution, cause="evaluated without a review")
        teller.say(f"  ✓ {model} {chapter.generation}")
        return [LeagueRow.model_validate(row) for row in outcome], ""
    end = ending(laptop, chapter.execution)
    why = f"{end.error}: {end.message}" if end.error else f"no league within {SECONDS_FOR_ONE} s"
    return [], f"{model} on {chapter.generation}: {why}"


def require_models(models: Sequence[str]) -> None:
    """Make sure that there is something to compare. Raises: StoryBroken."""
    if not models:
        raise StoryBroken("name at least one model: --model openai:practice-quick")
    if len(set(models)) < len(models):
        raise StoryBroken("a model is named twice")
