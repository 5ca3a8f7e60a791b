"""What a round's calls will take, measured on the very prompts that they will send.

What models write is not known before. The figures are the longest works of the practice authors in
tokens, and real models, which think before they write, are granted a multiple of it.
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
READING_TOKENS = 4_000  # what one reading may bring back
WORDINESS = 3
REPAIRS_PER_DRAFT = 1  # most drafts need none, two are allowed; what is unspent is given back
DRAFT_TOKENS = ASSIGNMENT_TOKENS * WORDINESS
FRAME_TOKENS = 150  # the task's own words around lesson and draft

Tokens = dict[Agent, int]


def expected_calls(
    request: GenerationRequest, lesson: str, *, round_number: int
) -> tuple[ExpectedCalls, ...]:
    """List the calls that one model makes in a round."""
    given, written = _given(request, lesson), _written(request.brief)
    listed = [
        *_calls_for_the_set(request.brief, given, written, round_number),
        *_calls_for_the_drafts(request.brief, given, written),
        *_calls_for_options(request.brief, given, written),
    ]
    return tuple(one for one in listed if one.number)


def _given(request: GenerationRequest, lesson: str) -> Tokens:
    """Count what every call of an agent is sent, but for the draft."""
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


def _written(brief: Brief) -> Tokens:
    """Count what an agent may write in one call."""
    plain = {
        Agent.CONDITIONS: brief.tasks_count * ASSIGNMENT_TOKENS,
        Agent.TESTS: TESTS_TOKENS[brief.kind],
        Agent.SOLUTION: SOLUTION_TOKENS,
        Agent.SOLVER: SOLUTION_TOKENS,
        Agent.HINT: HINT_TOKENS,
    }
    return {agent: number * WORDINESS for agent, number in plain.items()}


def _calls_for_the_set(
    brief: Brief, given: Tokens, written: Tokens, round_number: int
) -> Iterator[ExpectedCalls]:
    read_tools = MAX_READ_CALLS if brief.mode is Mode.EXPLORE else 0
    sent = given[Agent.CONDITIONS] + read_tools * READING_TOKENS
    if round_number > 1:
        sent += written[Agent.CONDITIONS] + MAX_NOTES_CHARS // CHARACTERS_PER_TOKEN
    yield _calls("conditions", 1, sent, written[Agent.CONDITIONS])
    yield _calls("reading", read_tools, sent, FRAME_TOKENS)


def _calls_for_the_drafts(brief: Brief, given: Tokens, written: Tokens) -> Iterator[ExpectedCalls]:
    for agent in (Agent.TESTS, Agent.SOLUTION):
        yield _calls(agent, brief.tasks_count, given[agent] + DRAFT_TOKENS, written[agent])
    part = max(written[Agent.TESTS], written[Agent.SOLUTION])
    sent = max(given[Agent.TESTS], given[Agent.SOLUTION]) + DRAFT_TOKENS + 2 * part
    yield _calls("repair", brief.tasks_count * REPAIRS_PER_DRAFT, sent, part)


def _calls_for_options(brief: Brief, given: Tokens, written: Tokens) -> Iterator[ExpectedCalls]:
    sent = given[Agent.HINT] + DRAFT_TOKENS + written[Agent.SOLUTION]
    yield _calls("hint", brief.tasks_count if brief.hints else 0, sent, written[Agent.HINT])
    foreign = brief.tasks_count * (len(brief.models) - 1) if brief.cross_check else 0
    yield _calls("solver", foreign, given[Agent.SOLVER] + DRAFT_TOKENS, written[Agent.SOLVER])


def _calls(what: str, number: int, input_tokens: int, output_tokens: int) -> ExpectedCalls:
    return ExpectedCalls(
        what=what, number=number, input_tokens=input_tokens, output_tokens=output_tokens
    )
