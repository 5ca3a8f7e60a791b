"""Estimates the calls of a round from the prompts that will actually be sent.

The length of the answers is not known in advance. The figures are the token counts of the longest
answers of the practice authors, multiplied by a factor because real models also spend tokens on
reasoning.
"""

import json
from collections.abc import Iterator

from coursewright.agents.prompt_builder import shared_opening, system_prompt
from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    HintSchema,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.domain.brief import MAX_READ_CALLS, Brief, Kind, Mode
from coursewright.domain.budget import CHARACTERS_PER_TOKEN, ExpectedCalls, tokens
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent
from coursewright.domain.review import MAX_NOTES_CHARS

ASSIGNMENT_TOKENS = 550
TESTS_TOKENS = {Kind.PYTHON: 750, Kind.SQL: 500}
SOLUTION_TOKENS = 200
HINT_TOKENS = 150
READ_CALL_TOKENS = 4_000  # maximum that one read call returns
REASONING_FACTOR = 3
REPAIRS_PER_DRAFT = 1  # most drafts need none and two are allowed; unspent budget is released
DRAFT_TOKENS = ASSIGNMENT_TOKENS * REASONING_FACTOR
FRAME_TOKENS = 150  # the task's own text, without lesson and draft

TokensByAgent = dict[Agent, int]


def expected_calls(
    request: GenerationRequest, lesson: str, *, round_number: int
) -> tuple[ExpectedCalls, ...]:
    """List the calls that one model is expected to make in a round."""
    prompts, answers = _prompt_tokens(request, lesson), _answer_tokens(request.brief)
    calls = [
        *_calls_per_round(request.brief, prompts, answers, round_number),
        *_calls_per_draft(request.brief, prompts, answers),
        *_optional_calls(request.brief, prompts, answers),
    ]
    return tuple(call for call in calls if call.number)


def _prompt_tokens(request: GenerationRequest, lesson: str) -> TokensByAgent:
    """Count the tokens sent with every call by each agent, without the draft."""
    kind = request.brief.kind
    schemas: dict[Agent, type[ToolArguments]] = {
        Agent.CONDITIONS: assignments_schema(kind, request.brief.tasks_count),
        Agent.TESTS: TESTS_SCHEMAS[kind],
        Agent.SOLUTION: SolutionSchema,
        Agent.SOLVER: SolutionSchema,
        Agent.HINT: HintSchema,
    }
    shared = tokens(shared_opening(request, lesson)) + FRAME_TOKENS
    return {
        agent: tokens(system_prompt(agent, kind))
        + tokens(json.dumps(schema.model_json_schema()))
        + shared
        for agent, schema in schemas.items()
    }


def _answer_tokens(brief: Brief) -> TokensByAgent:
    """Estimate the tokens of each agent's answer, including reasoning."""
    answers = {
        Agent.CONDITIONS: brief.tasks_count * ASSIGNMENT_TOKENS,
        Agent.TESTS: TESTS_TOKENS[brief.kind],
        Agent.SOLUTION: SOLUTION_TOKENS,
        Agent.SOLVER: SOLUTION_TOKENS,
        Agent.HINT: HINT_TOKENS,
    }
    return {agent: number * REASONING_FACTOR for agent, number in answers.items()}


def _calls_per_round(
    brief: Brief, prompts: TokensByAgent, answers: TokensByAgent, round_number: int
) -> Iterator[ExpectedCalls]:
    read_calls = MAX_READ_CALLS if brief.mode is Mode.EXPLORE else 0
    sent = prompts[Agent.CONDITIONS] + read_calls * READ_CALL_TOKENS
    if round_number > 1:
        sent += answers[Agent.CONDITIONS] + MAX_NOTES_CHARS // CHARACTERS_PER_TOKEN
    yield _calls("conditions", 1, sent, answers[Agent.CONDITIONS])
    yield _calls("read calls", read_calls, sent, FRAME_TOKENS)


def _calls_per_draft(
    brief: Brief, prompts: TokensByAgent, answers: TokensByAgent
) -> Iterator[ExpectedCalls]:
    for agent in (Agent.TESTS, Agent.SOLUTION):
        yield _calls(agent, brief.tasks_count, prompts[agent] + DRAFT_TOKENS, answers[agent])
    part = max(answers[Agent.TESTS], answers[Agent.SOLUTION])
    sent = max(prompts[Agent.TESTS], prompts[Agent.SOLUTION]) + DRAFT_TOKENS + 2 * part
    yield _calls("repair", brief.tasks_count * REPAIRS_PER_DRAFT, sent, part)


def _optional_calls(
    brief: Brief, prompts: TokensByAgent, answers: TokensByAgent
) -> Iterator[ExpectedCalls]:
    sent = prompts[Agent.HINT] + DRAFT_TOKENS + answers[Agent.SOLUTION]
    yield _calls("hint", brief.tasks_count if brief.hints else 0, sent, answers[Agent.HINT])
    to_solve = brief.tasks_count * (len(brief.models) - 1) if brief.cross_check else 0
    yield _calls("solver", to_solve, prompts[Agent.SOLVER] + DRAFT_TOKENS, answers[Agent.SOLVER])


def _calls(purpose: str, number: int, input_tokens: int, output_tokens: int) -> ExpectedCalls:
    return ExpectedCalls(
        what=purpose, number=number, input_tokens=input_tokens, output_tokens=output_tokens
    )
