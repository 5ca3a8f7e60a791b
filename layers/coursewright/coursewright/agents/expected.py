"""What a round's calls will take, measured on the very prompts that they will send.

What models write is not known before. The figures are the longest works of the practice authors in
tokens, and real models, which think before they write, are granted a multiple of it.
"""

import json

from coursewright.agents.schemas import TESTS_SCHEMAS, HandedIn, SolutionSchema, assignments_schema
from coursewright.agents.wording import opening, system_prompt
from coursewright.domain.brief import Brief, Kind
from coursewright.domain.budget import ExpectedCalls, tokens
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent
from coursewright.domain.review import MOST_NOTES

ASSIGNMENT_TOKENS = 550
TESTS_TOKENS = {Kind.PYTHON: 750, Kind.SQL: 500}
SOLUTION_TOKENS = 200
HINT_TOKENS = 150
WORDINESS = 3
REPAIRS_PER_DRAFT = 1  # most drafts need none, two are allowed; what is unspent is given back
FRAME_TOKENS = 150  # the task's own words around lesson and draft


def expected_calls(
    request: GenerationRequest, lesson: str, *, round_number: int
) -> tuple[ExpectedCalls, ...]:
    """List the calls that one model makes in a round."""
    brief = request.brief
    schemas: dict[Agent, type[HandedIn]] = {
        Agent.CONDITIONS: assignments_schema(brief.kind, brief.tasks_count),
        Agent.TESTS: TESTS_SCHEMAS[brief.kind],
        Agent.SOLUTION: SolutionSchema,
        Agent.SOLVER: SolutionSchema,
    }
    shared = tokens(opening(request, lesson)) + FRAME_TOKENS
    given = {
        agent: tokens(system_prompt(agent, brief.kind))
        + tokens(json.dumps(schema.model_json_schema()))
        + shared
        for agent, schema in schemas.items()
    }
    written = {
        Agent.CONDITIONS: brief.tasks_count * ASSIGNMENT_TOKENS * WORDINESS,
        Agent.TESTS: TESTS_TOKENS[brief.kind] * WORDINESS,
        Agent.SOLUTION: SOLUTION_TOKENS * WORDINESS,
        Agent.SOLVER: SOLUTION_TOKENS * WORDINESS,
    }
    again = written[Agent.CONDITIONS] + MOST_NOTES // 3 if round_number > 1 else 0
    drafts = brief.tasks_count
    draft = ASSIGNMENT_TOKENS * WORDINESS
    repair = max(written[Agent.TESTS], written[Agent.SOLUTION])
    return (
        _calls("conditions", 1, given[Agent.CONDITIONS] + again, written[Agent.CONDITIONS]),
        _calls("tests", drafts, given[Agent.TESTS] + draft, written[Agent.TESTS]),
        _calls("solution", drafts, given[Agent.SOLUTION] + draft, written[Agent.SOLUTION]),
        _calls(
            "repair",
            drafts * REPAIRS_PER_DRAFT,
            max(given[Agent.TESTS], given[Agent.SOLUTION]) + draft + 2 * repair,
            repair,
        ),
        _calls(
            "hint",
            drafts if brief.hints else 0,
            tokens(system_prompt(Agent.HINT, brief.kind)) + draft + 2 * written[Agent.SOLUTION],
            HINT_TOKENS * WORDINESS,
        ),
        _calls(
            "solver",
            _foreign_drafts(brief),
            given[Agent.SOLVER] + draft,
            written[Agent.SOLVER],
        ),
    )


def _foreign_drafts(brief: Brief) -> int:
    """Count the drafts of other models that one model solves."""
    return brief.tasks_count * (len(brief.models) - 1) if brief.cross_check else 0


def _calls(what: str, number: int, input_tokens: int, output_tokens: int) -> ExpectedCalls:
    return ExpectedCalls(
        what=what, number=number, input_tokens=input_tokens, output_tokens=output_tokens
    )
