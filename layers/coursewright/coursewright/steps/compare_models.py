"""Compares the models of a round by quality, speed and cost."""

import json
from typing import Any

from pydantic import ConfigDict

from coursewright.domain.assignment import Draft
from coursewright.domain.base import Record
from coursewright.domain.league import LeagueRow, league_row, ranked
from coursewright.domain.model_call import Agent, ModelCall, cost_micros
from coursewright.domain.verification import Verification
from coursewright.ports.agents import Answers, Drafts, Models
from coursewright.ports.verification import Verifications


class ModelOutcome(Record):
    """A model's outcome in the Map state: written, refused, disabled or too_long."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str
    outcome: str
    reason: str = ""
    verified: int = 0


class CompareTask(Record):
    """The input of the step."""

    generation: str
    round: int
    models: tuple[ModelOutcome, ...]


def compare_models(
    task: CompareTask,
    *,
    answers: Answers,
    verifications: Verifications,
    drafts: Drafts,
    models: Models,
) -> dict[str, Any]:
    """Store a round's league table and return the number of drafts that can be reviewed."""
    calls = [
        call
        for agent in Agent
        for call in answers.calls(agent, task.generation)
        if call.round == task.round
    ]
    verified = verifications.of_round(task.generation, task.round)
    written = drafts.of_round(task.generation, task.round)
    rows = ranked(_row(outcome, calls, verified, written, models) for outcome in task.models)
    costs = {_call_id(call): _cost(call, models) for call in calls}
    verifications.save_league(task.generation, task.round, rows, costs)
    return {
        "reviewable": sum(row.verified for row in rows),
        "outcomes": [outcome.model_dump(mode="json") for outcome in task.models],
    }


def _row(
    outcome: ModelOutcome,
    calls: list[ModelCall],
    verified: tuple[Verification, ...],
    written: tuple[Draft, ...],
    models: Models,
) -> LeagueRow:
    own_calls = [call for call in calls if call.model == outcome.model]
    own_evidence = [
        verification
        for verification in verified
        if verification.draft.startswith(f"{outcome.model}/")
    ]
    return league_row(
        outcome.model,
        outcome.outcome,
        own_calls,
        own_evidence,
        models.price(outcome.model),
        drafts=tuple(draft for draft in written if draft.model == outcome.model),
    )


def _call_id(call: ModelCall) -> str:
    at = call.called_at.isoformat()
    return f"{call.agent}#{call.model}#{call.round}#{call.step}#{at}"


def _cost(call: ModelCall, models: Models) -> str:
    price = models.price(call.model)
    usage = call.usage.model_dump()
    facts = {"usage": usage, "price": price.model_dump(), "micros": cost_micros(call.usage, price)}
    return json.dumps(facts)
