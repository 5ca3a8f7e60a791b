"""Parses a chat completions request to find out which work it asks a practice author for."""

import html
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from local.practice.content import Part
from local.practice.errors import RequestRefused

DEFAULT_COUNT = 5
_EMPTY_SECTIONS = {"", "-", "–", "none", "(none)", "none.", "n/a"}
_EVIDENCE = "(?:evidence|findings)"
_NOTES = "(?:notes|remarks)"
_COUNT = re.compile(
    r"\b(\d{1,2})\s+(?:\w+\s+)?(?:assignments|tasks)\b"
    r"|\b(?:number of )?(?:assignments|tasks)(?:_count)?\s*[:=]\s*(\d{1,2})\b",
    re.IGNORECASE,
)
_HINT = "Write the hint now: plain text, nothing else."
_SCHEMA = re.compile(
    r"# How to answer.*?call of the tool\s+`(?P<tool>\w+)`.*?JSON Schema:\s*(?P<schema>\{.*?^\})",
    re.DOTALL | re.MULTILINE,
)
_ATTEMPT = re.compile(r"\b(?:attempt|repair)\s*(?:number|no\.?|#|:)?\s*(\d)\b", re.IGNORECASE)


class _TextPart(BaseModel):
    text: str = ""


class _Message(BaseModel):
    content: str | list[_TextPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class _Function(BaseModel):
    name: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class _Tool(BaseModel):
    function: _Function


class ChatRequest(BaseModel):
    """The fields of a chat completions request that a practice model understands."""

    model: str
    messages: list[_Message] = Field(min_length=1)
    tools: list[_Tool] = Field(default_factory=list)
    tool_choice: str | dict[str, Any] | None = None
    stream: bool | None = False

    @property
    def prompt(self) -> str:
        """The text of all messages."""
        return "\n".join(message.text for message in self.messages)

    @property
    def tool_name(self) -> str:
        """The name of the forced tool, or of the first tool."""
        if isinstance(self.tool_choice, dict):
            return str(self.tool_choice.get("function", {}).get("name", ""))
        return self.tools[0].function.name if self.tools else ""


@dataclass(frozen=True)
class PartRequest:
    """The part of an assignment that a request asks for."""

    part: Part
    tool: str
    prompt: str
    count: int
    attempt: int
    has_notes: bool

    def mentions(self, phrase: str) -> bool:
        """Whether the prompt contains the phrase, ignoring whitespace and escaping."""
        return normalise(phrase) in normalise(self.prompt)


def parse_request(body: object) -> ChatRequest:
    """Validate a request body.

    Raises: RequestRefused, naming the invalid field.
    """
    try:
        request = ChatRequest.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise _bad_request(f"{field}: {first['msg']}") from error
    if request.stream:
        raise _bad_request("stream: practice models do not stream")
    return request


def parse_part_request(request: ChatRequest) -> PartRequest:
    """Determine the assignment and the part of it that a request asks for."""
    tools = (tool.function for tool in request.tools)
    tool = next((tool for tool in tools if tool.name == request.tool_name), None)
    tool = tool or _tool_from_prompt(request.prompt)
    if tool is None:
        raise _bad_request("tools: practice models only answer by calling an offered tool")
    return PartRequest(
        part=_identify_part(tool),
        tool=tool.name,
        prompt=request.prompt,
        count=_requested_count(tool.parameters, request.prompt),
        attempt=_attempt_number(request.prompt),
        has_notes=bool(_find_section(request.prompt, _NOTES)),
    )


def _tool_from_prompt(prompt: str) -> _Function | None:
    """Infer the tool from the prompt if none is offered: a JSON object or a hint."""
    if _HINT in prompt:
        return _Function(name="hint", parameters={"properties": {"hint": {}}})
    if match := _SCHEMA.search(prompt):
        return _Function(name=match["tool"], parameters=_parse_schema(match["schema"]))
    return None


def _parse_schema(schema: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(schema)
    except ValueError as error:
        raise _bad_request("messages: the JSON Schema is not valid JSON") from error
    return content


def normalise(text: str) -> str:
    """Return the text with character references decoded and whitespace collapsed."""
    return " ".join(html.unescape(text).split())


def _identify_part(tool: _Function) -> Part:
    fields = set(tool.parameters.get("properties", {}))
    if fields == {"hint"}:
        return Part.HINT
    if "assignments" in fields:
        return Part.ASSIGNMENTS
    if fields & {"tests", "datasets"}:
        return Part.TESTS
    if {"code", "explanation"} <= fields:
        return Part.SOLUTION
    raise _bad_request(f"tools: practice models do not know the fields of {tool.name}")


def _requested_count(parameters: dict[str, Any], prompt: str) -> int:
    schema = parameters.get("properties", {}).get("assignments", {})
    for limit in ("minItems", "maxItems"):
        if limit in schema:
            return int(schema[limit])
    match = _COUNT.search(prompt)
    return int(match[1] or match[2]) if match else DEFAULT_COUNT


def _attempt_number(prompt: str) -> int:
    evidence = _find_section(prompt, _EVIDENCE)
    if not evidence:
        return 0
    number = _ATTEMPT.search(evidence)
    return max(1, int(number[1])) if number else 1


def _find_section(prompt: str, word: str) -> str:
    """Return the first non-empty Markdown section or element whose title contains the word."""
    heading = rf"^(?P<title>#+ [^\n]*\b{word}\b[^\n]*)\n(?P<body>.*?)(?=^#+ |\Z)"
    element = rf"<(?P<tag>[\w-]*{word}[\w-]*)[^>]*>(?P<inner>.*?)</(?P=tag)>"
    pattern = re.compile(f"{heading}|{element}", re.IGNORECASE | re.MULTILINE | re.DOTALL)
    for match in pattern.finditer(prompt):
        text = (match["body"] or match["inner"] or "").strip()
        if text.lower() not in _EMPTY_SECTIONS:
            return f"{match['title'] or ''}\n{text}"
    return ""


def _bad_request(message: str) -> RequestRefused:
    return RequestRefused(message, status=HTTPStatus.BAD_REQUEST, code="invalid_request")
