"""Every request contains the product's real schema, bound as the registry specifies."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.schemas import (
    TESTS_SCHEMAS,
    SolutionSchema,
    ToolArguments,
    assignments_schema,
)
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ModelOutputInvalid
from coursewright.steps.write_conditions import write_conditions
from coursewright.steps.write_solution import write_solution
from coursewright.steps.write_tests import write_tests
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import CONDITIONS, INVOCATION, PART, agent_fixture
from tests.unit.agents.matrix import FORMATS

Schema = dict[str, Any]
CLAUDE = {"provider": "bedrock", "name": "us.anthropic.claude-sonnet-4-6", "key": ""}
STRICT_FORMATS = FORMATS | {"Bedrock Converse": CLAUDE}
SHAPE = {
    "type",
    "description",
    "anyOf",
    "properties",
    "items",
    "required",
    "additionalProperties",
}
RANGES = {"minimum", "maximum", "minItems", "maxItems"}
DOCUMENTED_CHECKS = {
    "OpenAI chat": RANGES | {"pattern"},
    "OpenAI Responses": RANGES | {"pattern"},
    "Bedrock Converse": {"minItems"},
    "Anthropic": {"minItems"},
    "Gemini": RANGES,
}
AGENTS = ("conditions", "tests", "solution")
every_format = pytest.mark.parametrize("name", STRICT_FORMATS)
every_agent = pytest.mark.parametrize("agent", AGENTS)
every_kind = pytest.mark.parametrize("kind", Kind)


def sent_body(agent: str, kind: Kind, **changes: Any) -> dict[str, Any]:
    """Return the body of an agent's only request."""
    is_openai = changes.get("provider", "openai") == "openai"
    with ScriptedProvider([completion(content="No.")]) as provider:
        url = provider.url if is_openai else provider.url.removesuffix("/v1")
        fixture = agent_fixture(url, kind=kind, has_draft=True, **changes)
        with pytest.raises(ModelOutputInvalid):
            write(agent, fixture.deps, INVOCATION)
    (request,) = provider.requests
    return request.body


def write(agent: str, deps: AgentDeps, invocation: InvocationContext) -> None:
    if agent == "conditions":
        write_conditions(CONDITIONS, deps=deps, invocation=invocation)
    elif agent == "tests":
        write_tests(PART, deps=deps, invocation=invocation)
    else:
        write_solution(PART, deps=deps, invocation=invocation)


def own_schema(agent: str, kind: Kind) -> type[ToolArguments]:
    schemas = {"conditions": assignments_schema(kind, 2), "tests": TESTS_SCHEMAS[kind]}
    return schemas.get(agent, SolutionSchema)


def tool_of(body: dict[str, Any]) -> tuple[str, Schema, bool]:
    """Return the name, schema and strictness of the only tool in a body of any format."""
    (tool,) = body["tools"] if "tools" in body else body["toolConfig"]["tools"]
    if declared := tool.get("functionDeclarations"):
        (function,) = declared
        return function["name"], function["parameters_json_schema"], True
    function = tool.get("function") or tool.get("toolSpec") or tool
    schema = function.get("parameters") or function.get("input_schema")
    schema = schema or function["inputSchema"]["json"]
    return function["name"], schema, function.get("strict", False)


def choice_of(body: dict[str, Any]) -> Any:
    if "toolConfig" not in body:
        return body["tool_choice"]
    config = body["toolConfig"]
    return config.get("toolChoice") or config["functionCallingConfig"]


def answer_schema_of(body: dict[str, Any]) -> Schema:
    """Return the schema in a body that constrains the answer itself."""
    if "response_format" in body:
        schema = body["response_format"]["json_schema"]["schema"]
    elif "text" in body:
        schema = body["text"]["format"]["schema"]
    elif "output_config" in body:
        schema = body["output_config"]["format"]["schema"]
    elif "outputConfig" in body:
        structure = body["outputConfig"]["textFormat"]["structure"]
        schema = json.loads(structure["jsonSchema"]["schema"])
    else:
        schema = body["generationConfig"]["responseJsonSchema"]
    return dict(schema)


def parts(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all schemas nested in it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for part in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from parts(part)


def require_lowered(schema: Schema, checks: set[str]) -> None:
    for part in parts(schema):
        assert set(part) <= SHAPE | checks
        if "properties" in part:
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False


@every_format
@every_agent
@every_kind
def test_a_strict_tool_has_only_what_the_provider_documents(
    name: str, agent: str, kind: Kind
) -> None:
    body = sent_body(agent, kind, **STRICT_FORMATS[name])

    tool, schema, is_strict = tool_of(body)
    assert (tool, is_strict) == (f"save_{agent}".replace("conditions", "assignments"), True)
    require_lowered(schema, DOCUMENTED_CHECKS[name])
    assert tool in json.dumps(choice_of(body))
    assert list(schema["properties"]) == list(own_schema(agent, kind).model_fields)


@every_format
@every_agent
@every_kind
def test_a_bound_answer_has_only_what_the_provider_documents(
    name: str, agent: str, kind: Kind
) -> None:
    body = sent_body(agent, kind, **(STRICT_FORMATS[name] | {"structured_output": "schema"}))

    schema = answer_schema_of(body)
    schema.pop("title", None)
    require_lowered(schema, DOCUMENTED_CHECKS[name])
    assert not {"tools", "toolConfig", "tool_choice"} & set(body)
    assert list(schema["properties"]) == list(own_schema(agent, kind).model_fields)


@pytest.mark.parametrize("name", ["OpenAI chat", "OpenAI Responses"])
def test_openai_is_asked_for_a_single_strict_call(name: str) -> None:
    body = sent_body("solution", Kind.PYTHON, **STRICT_FORMATS[name])

    assert body["parallel_tool_calls"] is False


def test_claude_is_asked_for_a_single_call() -> None:
    body = sent_body("solution", Kind.PYTHON, **STRICT_FORMATS["Anthropic"])

    assert choice_of(body) == {
        "type": "tool",
        "name": "save_solution",
        "disable_parallel_tool_use": True,
    }


@every_format
def test_a_limit_that_is_not_enforced_is_described(name: str) -> None:
    body = sent_body("conditions", Kind.PYTHON, **STRICT_FORMATS[name])

    _, schema, _ = tool_of(body)
    title = schema["properties"]["assignments"]["items"]["properties"]["name"]
    assert "Limits: length at least 1, length at most 200" in title["description"]


@pytest.mark.parametrize(
    "wire_format",
    [{"provider": "openai"}, FORMATS["Bedrock Converse"]],
    ids=["compatible server", "Nova"],
)
def test_a_plain_tool_is_forced_with_its_full_schema(wire_format: dict[str, Any]) -> None:
    body = sent_body("solution", Kind.PYTHON, **wire_format)

    tool, schema, is_strict = tool_of(body)
    assert (tool, is_strict) == ("save_solution", False)
    assert schema["properties"]["code"]["minLength"] == 1
    assert "save_solution" in json.dumps(choice_of(body))
    assert "parallel_tool_calls" not in body


@pytest.mark.parametrize("name", ["OpenAI chat", "Anthropic", "Gemini"])
def test_strict_read_tools_are_lowered_too(name: str) -> None:
    options = {"mode": "explore"}

    body = sent_body("conditions", Kind.PYTHON, options=options, **STRICT_FORMATS[name])

    tools = body["tools"]
    declared = tools[0].get("functionDeclarations", tools)
    assert len(declared) == 4
    assert "default" not in json.dumps(declared)
