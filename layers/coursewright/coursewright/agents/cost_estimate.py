"""Estimates a round's calls from the prompts built for it.

The length of the answers is not known in advance. The figures are the token counts of the longest
answers of the practice authors, multiplied by a factor because real models also spend tokens on
reasoning.
"""

import json
from collections.abc import Iterator

from coursewright.agents.prompt_builder import (
    prompt_for_conditions,
    shared_opening,
    system_prompt,
)
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    HintSchema,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.domain.brief import MAX_READ_CALLS, Brief, Kind, Mode
from coursewright.domain.budget import ExpectedCalls, tokens
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent

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


def first_round_calls(request: GenerationRequest, lesson: str) -> tuple[ExpectedCalls, ...]:
    """List the calls expected from one model in the first round, before any prompt is built."""
    conditions = prompt_for_conditions(request, lesson)
    counts = count_prompts(request.brief, conditions, shared_opening(request, lesson))
    return expected_calls(request.brief, counts)


def expected_calls(brief: Brief, prompts: TokensByAgent) -> tuple[ExpectedCalls, ...]:
    """List the calls expected from one model in a round, given the token counts of its prompts."""
    answers = _answer_tokens(brief)
    calls = [
        *_calls_per_round(brief, prompts, answers),
        *_calls_per_draft(brief, prompts, answers),
        *_optional_calls(brief, prompts, answers),
    ]
    return tuple(call for call in calls if call.number)


def count_prompts(brief: Brief, conditions: Prompt, opening: str) -> TokensByAgent:
    """Count the tokens that each agent sends with every call, without the draft."""
    schemas: dict[Agent, type[ToolArguments]] = {
        Agent.CONDITIONS: assignments_schema(brief.kind, brief.tasks_count),
        Agent.TESTS: TESTS_SCHEMAS[brief.kind],
        Agent.SOLUTION: SolutionSchema,
        Agent.SOLVER: SolutionSchema,
        Agent.HINT: HintSchema,
    }
    sent = {agent: tokens(system_prompt(agent, brief.kind)) + tokens(opening) for agent in schemas}
    sent[Agent.CONDITIONS] = tokens(conditions.text)
    return {
        agent: sent[agent] + tokens(json.dumps(schema.model_json_schema())) + FRAME_TOKENS
        for agent, schema in schemas.items()
    }


def longest_prompt(prompts: TokensByAgent) -> int:
    """Return the token count of the longest prompt that is sent in every round."""
    parts = (prompts[Agent.TESTS], prompts[Agent.SOLUTION])
    return max(prompts[Agent.CONDITIONS], *(part + DRAFT_TOKENS for part in parts))


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
    brief: Brief, prompts: TokensByAgent, answers: TokensByAgent
) -> Iterator[ExpectedCalls]:
    read_calls = MAX_READ_CALLS if brief.mode is Mode.EXPLORE else 0
    sent = prompts[Agent.CONDITIONS] + read_calls * READ_CALL_TOKENS
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
