"""The author that is a file: assignments of another installation, handed in by our own agents.

An import is a generation whose only author is a file, which is its lesson. Each agent takes its
part out of it, under its own name, with no model asked and nothing paid. From there on an imported
draft is one like any other: verified here, put before a reviewer, published only if approved.
"""

from typing import Any

from pydantic import ValidationError

from coursewright.agents.deps import AgentDeps
from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.agents.toolsets import AgentService
from coursewright.domain.assignment import Assignment, Authorship
from coursewright.domain.errors import ImportInvalid, ModelRefused
from coursewright.domain.model_call import Agent, AnswerKey, draft_of
from coursewright.exports.jsonl import read
from coursewright.exports.provenance import content_sha256

TESTS_FIELDS = {"python": {"tests", "requirements"}, "sql": {"datasets", "ordered", "requirements"}}
TEXT_FIELDS = {"name", "text", "code", "file_name", "difficulty", "concepts"}


def hand_in(key: AnswerKey, service: AgentService, deps: AgentDeps) -> None:
    """Save one agent's part of an imported file. Raises: ModelRefused or DraftConflict."""
    request = deps.generations.get(key.generation).request
    try:
        assignments = read(deps.lessons.read(request.lesson))
    except ImportInvalid as error:
        raise ModelRefused(f"The lesson is no file of assignments: {error}") from error
    is_first = key.round == 1 and (key.agent is Agent.CONDITIONS or key.step.endswith(":0"))
    if not is_first:
        raise ModelRefused("An imported file cannot be written anew. Edit the draft or reject it.")
    one = assignments[0] if key.agent is Agent.CONDITIONS else assignments[_place(key)]
    authorship = Authorship(prompt_set=one.prompt_set, prompt_sha256=content_sha256(one))
    arguments = _arguments(key.agent, one, assignments)
    try:
        service.schema.model_validate(arguments)
    except ValidationError as error:
        raise ModelRefused(f"The file breaks the contract: {first_problem(error)}") from error
    service.save(arguments, authorship)


def unfit(one: Assignment) -> str:
    """Say what keeps an assignment from being taken in; nothing if it fits."""
    checks: tuple[tuple[Agent, type[ToolArguments]], ...] = (
        (Agent.CONDITIONS, assignments_schema(one.kind, 1)),
        (Agent.TESTS, TESTS_SCHEMAS[one.kind]),
        (Agent.SOLUTION, SolutionSchema),
    )
    for agent, schema in checks:
        try:
            schema.model_validate(_arguments(agent, one, (one,)))
        except ValidationError as error:
            return first_problem(error)
    return ""


def first_problem(error: ValidationError) -> str:
    """Say where and what the first problem is."""
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _place(key: AnswerKey) -> int:
    return int(draft_of(key.step).rpartition("/d")[2]) - 1


def _arguments(agent: Agent, one: Assignment, all_of_it: tuple[Assignment, ...]) -> dict[str, Any]:
    if agent is Agent.CONDITIONS:
        return {"assignments": [_text(each) for each in all_of_it]}
    if agent is Agent.TESTS:
        return one.model_dump(mode="json", include=TESTS_FIELDS[one.kind])
    return {"code": one.solution, "explanation": one.explanation}


def _text(one: Assignment) -> dict[str, Any]:
    fields = TEXT_FIELDS | ({"schema_sql"} if one.schema_sql else set())
    return one.model_dump(mode="json", include=fields)
