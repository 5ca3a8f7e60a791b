"""Reads from a chat completions request what is asked of a practice author."""

import html
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from local.practice.content import Part
from local.practice.errors import RequestRefused

_NOTHING = {"", "-", "–", "none", "(none)", "none.", "n/a"}
_EVIDENCE = "(?:evidence|findings)"
_NOTES = "(?:notes|remarks)"
_COUNT = re.compile(
    r"\b(\d{1,2})\s+(?:\w+\s+)?(?:assignments|tasks)\b"
    r"|\b(?:number of )?(?:assignments|tasks)(?:_count)?\s*[:=]\s*(\d{1,2})\b",
    re.IGNORECASE,
)
_HINT = "Write the hint now: plain text, nothing else."
_SCHEMA = re.compile(
    r"# How you hand in.*?call of the tool `(?P<tool>\w+)`.*?JSON Schema:\s*(?P<schema>\{.*?^\})",
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
        """Return the text of all messages."""
        return "\n".join(message.text for message in self.messages)

    @property
    def tool_name(self) -> str:
        """Return the forced tool's name, or that of the first tool."""
        if isinstance(self.tool_choice, dict):
            return str(self.tool_choice.get("function", {}).get("name", ""))
        return self.tools[0].function.name if self.tools else ""


@dataclass(frozen=True)
class PartRequest:
    """What one request asks for."""

    part: Part
    tool: str
    prompt: str
    count: int
    attempt: int
    has_notes: bool

    def mentions(self, words: str) -> bool:
        """Return whether the prompt contains these words, whatever its line breaks and escapes."""
        return normalise(words) in normalise(self.prompt)


def read_request(body: object) -> ChatRequest:
    """Validate a request's body.

    Raises: RequestRefused, naming the field.
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


def read_part_request(request: ChatRequest) -> PartRequest:
    """Find out which part of which work a request asks for."""
    tool = next((t.function for t in request.tools if t.function.name == request.tool_name), None)
    tool = tool or _asked_in_words(request.prompt)
    if tool is None:
        raise _bad_request("tools: practice models answer only with a call of a given tool")
    return PartRequest(
        part=_part(tool),
        tool=tool.name,
        prompt=request.prompt,
        count=_count(tool.parameters, request.prompt),
        attempt=_attempt(request.prompt),
        has_notes=bool(_section(request.prompt, _NOTES)),
    )


def _asked_in_words(prompt: str) -> _Function | None:
    """Read what is wanted where no tool is given: an object by its schema, or a hint."""
    if _HINT in prompt:
        return _Function(name="hint", parameters={"properties": {"hint": {}}})
    if found := _SCHEMA.search(prompt):
        return _Function(name=found["tool"], parameters=_resolved(found["schema"]))
    return None


def _resolved(schema: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(schema)
    except ValueError as error:
        raise _bad_request("messages: the JSON Schema is not valid JSON") from error
    return content


def normalise(text: str) -> str:
    """Return text without character references and with single spaces."""
    return " ".join(html.unescape(text).split())


def _part(tool: _Function) -> Part:
    fields = set(tool.parameters.get("properties", {}))
    if fields == {"hint"}:
        return Part.HINT
    if "assignments" in fields:
        return Part.ASSIGNMENTS
    if fields & {"tests", "datasets"}:
        return Part.TESTS
    if {"code", "explanation"} <= fields:
        return Part.SOLUTION
    raise _bad_request(f"tools: practice models do not know what {tool.name} wants")


def _count(parameters: dict[str, Any], prompt: str) -> int:
    listed = parameters.get("properties", {}).get("assignments", {})
    for limit in ("minItems", "maxItems"):
        if limit in listed:
            return int(listed[limit])
    found = _COUNT.search(prompt)
    return int(found[1] or found[2]) if found else 5


def _attempt(prompt: str) -> int:
    evidence = _section(prompt, _EVIDENCE)
    if not evidence:
        return 0
    number = _ATTEMPT.search(evidence)
    return max(1, int(number[1])) if number else 1


def _section(prompt: str, word: str) -> str:
    """Return a Markdown section or element by a word of its title; nothing if it is empty."""
    heading = rf"^(?P<title>#+ [^\n]*\b{word}\b[^\n]*)\n(?P<body>.*?)(?=^#+ |\Z)"
    element = rf"<(?P<tag>[\w-]*{word}[\w-]*)[^>]*>(?P<inner>.*?)</(?P=tag)>"
    pattern = re.compile(f"{heading}|{element}", re.IGNORECASE | re.MULTILINE | re.DOTALL)
    for found in pattern.finditer(prompt):
        words = (found["body"] or found["inner"] or "").strip()
        if words.lower() not in _NOTHING:
            return f"{found['title'] or ''}\n{words}"
    return ""


def _bad_request(message: str) -> RequestRefused:
    return RequestRefused(message, status=HTTPStatus.BAD_REQUEST, code="invalid_request")
