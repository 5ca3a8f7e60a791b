"""Builds the requests that agents send."""

import json
from pathlib import Path
from typing import Any

from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.domain.brief import Kind
from local.practice.authors import answer
from local.practice.request import parse_part_request, parse_request

EVENTS = Path(__file__).parents[3] / "events" / "module_published"
KINDS = {"loops": Kind.PYTHON, "joins": Kind.SQL}
FILES = {"loops": "python_loops.json", "joins": "sql_joins.json"}
TOOLS = {"assignments": "save_assignments", "tests": "save_tests", "solution": "save_solution"}


def lesson_html(lesson: str) -> str:
    """Return the HTML of a sample lesson."""
    event = json.loads((EVENTS / FILES[lesson]).read_text(encoding="utf-8"))
    return str(event["detail"]["module"]["html"])


def schema(part: str, lesson: str, count: int = 5) -> type[ToolArguments]:
    """Return the schema of the tool that an agent is forced to call."""
    if part == "assignments":
        return assignments_schema(KINDS[lesson], count)
    return TESTS_SCHEMAS[KINDS[lesson]] if part == "tests" else SolutionSchema


def body(
    part: str, prompt: str, lesson: str = "loops", *, model: str = "practice-quick", count: int = 5
) -> dict[str, Any]:
    """Return a request with one forced tool."""
    parameters = schema(part, lesson, count).model_json_schema()
    function = {"name": TOOLS[part], "description": "Submit.", "parameters": parameters}
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": "You write for beginners."},
            {"role": "user", "content": prompt},
        ],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": TOOLS[part]}},
    }


def request_part(
    part: str, prompt: str, lesson: str = "loops", *, model: str = "practice-quick", count: int = 5
) -> dict[str, Any]:
    """Return an author's answer after validating it against the tool's schema."""
    request = parse_request(body(part, prompt, lesson, model=model, count=count))
    arguments = json.loads(json.dumps(answer(model, parse_part_request(request))))
    schema(part, lesson, count).model_validate(arguments)
    return dict(arguments)
