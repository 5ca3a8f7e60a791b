"""Imports assignments exported by another installation.

An import is a generation whose lesson is the exported file and whose only author is that file. Each
agent's step saves its own part of the file; no model is called and nothing is spent. From then on,
an imported draft is treated like any other: verified, reviewed, and published only if approved.
"""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from coursewright.agents.agent import run_agent
from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.agents.toolsets import AgentService
from coursewright.domain.assignment import Assignment, Authorship
from coursewright.domain.errors import ImportInvalid, ModelRefused
from coursewright.domain.model_call import IMPORTED, Agent, AnswerKey, draft_in_step
from coursewright.exports.jsonl import read
from coursewright.exports.provenance import content_sha256

TESTS_FIELDS = {"python": {"tests", "requirements"}, "sql": {"datasets", "ordered", "requirements"}}
TEXT_FIELDS = {"name", "text", "code", "file_name", "difficulty", "concepts"}


def write_or_import(
    key: AnswerKey,
    service: AgentService,
    build_prompt: Callable[[], Prompt],
    deps: AgentDeps,
    invocation: InvocationContext,
) -> None:
    """Run the agent, or import its part if the author is a file.

    Raises: any ModelError, BudgetExceeded or DraftConflict.
    """
    if key.model == IMPORTED:
        import_part(key, service, deps)
    else:
        run_agent(key, service, build_prompt, deps, invocation)


def import_part(key: AnswerKey, service: AgentService, deps: AgentDeps) -> None:
    """Save one agent's part of an imported file. Raises: ModelRefused or DraftConflict."""
    request = deps.generations.get(key.generation).request
    try:
        assignments = read(deps.lessons.read(request.lesson))
    except ImportInvalid as error:
        raise ModelRefused(f"The lesson is not a file of assignments: {error}") from error
    is_first = key.round == 1 and (key.agent is Agent.CONDITIONS or key.step.endswith(":0"))
    if not is_first:
        raise ModelRefused("An imported file cannot be rewritten. Edit the draft or reject it.")
    index = 0 if key.agent is Agent.CONDITIONS else _draft_index(key)
    assignment = assignments[index]
    authorship = Authorship(
        prompt_set=assignment.prompt_set, prompt_sha256=content_sha256(assignment)
    )
    arguments = _tool_arguments(key.agent, assignment, assignments)
    try:
        service.schema.model_validate(arguments)
    except ValidationError as error:
        raise ModelRefused(f"The file does not match the schema: {_first_error(error)}") from error
    service.save(arguments, authorship)


def validation_error(assignment: Assignment) -> str:
    """Return why an assignment cannot be imported, or an empty string if it can."""
    checks: tuple[tuple[Agent, type[ToolArguments]], ...] = (
        (Agent.CONDITIONS, assignments_schema(assignment.kind, 1)),
        (Agent.TESTS, TESTS_SCHEMAS[assignment.kind]),
        (Agent.SOLUTION, SolutionSchema),
    )
    for agent, schema in checks:
        try:
            schema.model_validate(_tool_arguments(agent, assignment, (assignment,)))
        except ValidationError as error:
            return _first_error(error)
    return ""


def _first_error(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _draft_index(key: AnswerKey) -> int:
    return int(draft_in_step(key.step).rpartition("/d")[2]) - 1


def _tool_arguments(
    agent: Agent, assignment: Assignment, assignments: tuple[Assignment, ...]
) -> dict[str, Any]:
    if agent is Agent.CONDITIONS:
        return {"assignments": [_text_fields(each) for each in assignments]}
    if agent is Agent.TESTS:
        return assignment.model_dump(mode="json", include=TESTS_FIELDS[assignment.kind])
    return {"code": assignment.solution, "explanation": assignment.explanation}


def _text_fields(assignment: Assignment) -> dict[str, Any]:
    fields = TEXT_FIELDS | ({"schema_sql"} if assignment.schema_sql else set())
    return assignment.model_dump(mode="json", include=fields)
