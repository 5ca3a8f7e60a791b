"""The ways to return an answer: through the agent's own tool, as JSON, or as plain text.

The tool is the default: the model must call it and is offered no other, and the provider enforces
its schema if it can. Alternatively, a model returns the object that the schema describes, and the
agent passes it to its tool. JSON is for models without tool calling and for briefs that request it.
Plain text is for the one agent whose answer is a single sentence. In these last two modes, the step
saves the answer. In every mode, our own schema finally validates the answer.
"""

import json
from abc import ABC, abstractmethod
from typing import Any

from langchain.agents.middleware import ModelRequest
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.messages import AIMessage, ToolCall
from langchain_core.tools import BaseTool

from coursewright.agents import answer_validation
from coursewright.agents.model_registry import ModelEntry, StructuredOutput
from coursewright.agents.prompt_templates import Prompt, render
from coursewright.agents.providers.guarded_chat import chat_client
from coursewright.agents.toolsets import AgentService
from coursewright.domain.assignment import Authorship
from coursewright.domain.brief import Mode
from coursewright.domain.errors import ModelOutputInvalid

CODE_FENCE = "```"


class OutputMode(ABC):
    """Strategy for requesting an answer and extracting it from the model's response."""

    is_saved_by_tool = False
    max_calls = 1

    def __init__(self, service: AgentService, entry: ModelEntry) -> None:
        self.service, self.entry = service, entry

    def adapt_prompt(self, prompt: Prompt) -> Prompt:
        """Add output instructions if the answer is not returned through the tool alone."""
        return prompt

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the tools that the model may call."""
        return []

    def prepare_request(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Adapt the request to this mode."""
        return request

    @abstractmethod
    def extract_arguments(self, message: AIMessage) -> dict[str, Any]:
        """Return the arguments of a complete answer. Raises: ModelRefused or ModelOutputInvalid."""

    def to_agent_message(self, message: AIMessage, arguments: dict[str, Any]) -> AIMessage:
        """Return the message from which the agent continues after a valid answer."""
        return message

    def is_malformed(self, message: AIMessage) -> bool:
        """Whether the answer's invalid JSON is its only fault, which justifies a second call."""
        return False

    @property
    def invalid_json_message(self) -> str:
        """The error message for a malformed answer."""
        return answer_validation.invalid_json_message(self.service)

    @property
    def retry_prompt(self) -> str:
        """The message that requests the same answer again as valid JSON."""
        return render("shared/malformed", tool=self.service.tool_name)


class ToolMode(OutputMode):
    """The answer is one call of a forced tool."""

    is_saved_by_tool = True

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the agent's save tool."""
        return self.service.tools(authorship)

    def prepare_request(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Force the save tool."""
        return chat_client(request).require_tool(request, self.service.tool_name)

    def extract_arguments(self, message: AIMessage) -> dict[str, Any]:
        """Return the arguments of the single expected call."""
        return answer_validation.read_arguments(message, self.service)

    def is_malformed(self, message: AIMessage) -> bool:
        """Whether the single call's invalid JSON is the only fault."""
        return answer_validation.is_malformed(message, self.service)


class JsonMode(OutputMode):
    """The answer is one JSON object, which the step saves."""

    def adapt_prompt(self, prompt: Prompt) -> Prompt:
        """Add the schema to the system prompt, since no tool definition contains it."""
        schema = json.dumps(self.service.schema.model_json_schema(), ensure_ascii=False, indent=1)
        section = render("shared/json_mode", tool=self.service.tool_name, schema=schema)
        return prompt.with_system(f"{prompt.system}\n\n{section}")

    def prepare_request(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Enable the provider's JSON mode if the model has one according to the registry."""
        if self.entry.provider != "openai" or not self.entry.json_mode:
            return request
        settings = chat_client(request).format_settings({"type": "json_object"})
        return request.override(model_settings=request.model_settings | settings)

    def extract_arguments(self, message: AIMessage) -> dict[str, Any]:
        """Return the JSON object."""
        answer_validation.require_finished(message)
        _require_no_call(message)
        try:
            content = json.loads(_strip_code_fence(message.text))
        except (ValueError, RecursionError):
            raise ModelOutputInvalid(self.invalid_json_message) from None
        if not isinstance(content, dict):
            raise ModelOutputInvalid("The answer is JSON but not an object.")
        return answer_validation.validate_arguments(content, self.service)

    def is_malformed(self, message: AIMessage) -> bool:
        """Whether the answer looks like an object but is not valid JSON."""
        text = _strip_code_fence(message.text)
        if (
            not text.startswith("{")
            or message.tool_calls
            or not answer_validation.is_finished(message)
        ):
            return False
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return True
        return False

    @property
    def invalid_json_message(self) -> str:
        """The error message for a malformed answer."""
        return "The answer is not valid JSON."

    @property
    def retry_prompt(self) -> str:
        """The message that requests the same object again as valid JSON."""
        return render("shared/malformed_json")


class SchemaMode(JsonMode):
    """The answer is one JSON object whose schema the provider enforces; the save tool gets it."""

    is_saved_by_tool = True

    def adapt_prompt(self, prompt: Prompt) -> Prompt:
        """Leave the prompt unchanged, because the request contains the schema."""
        return prompt

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the agent's save tool."""
        return self.service.tools(authorship)

    def prepare_request(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Replace the save tool in the request with its schema."""
        (tool,) = request.tools
        function = chat_client(request).lowered_function(tool)
        schema = function["parameters"] | {"title": function["name"]}
        return request.override(tools=[], response_format=ProviderStrategy(schema, strict=True))

    def to_agent_message(self, message: AIMessage, arguments: dict[str, Any]) -> AIMessage:
        """Return the message with a call to the save tool, which the request did not offer."""
        call = ToolCall(name=self.service.tool_name, args=arguments, id="answer", type="tool_call")
        return message.model_copy(update={"tool_calls": [call]})


class TextMode(OutputMode):
    """The answer is plain text, the value of the schema's only field."""

    def extract_arguments(self, message: AIMessage) -> dict[str, Any]:
        """Return the text."""
        answer_validation.require_finished(message)
        _require_no_call(message)
        (field,) = self.service.schema.model_fields
        return answer_validation.validate_arguments({field: message.text.strip()}, self.service)


def choose_output_mode(service: AgentService, entry: ModelEntry, mode: Mode) -> OutputMode:
    """Choose how this model returns this agent's answer."""
    if service.is_plain_text:
        return TextMode(service, entry)
    if mode is not Mode.JSON and entry.structured_output is StructuredOutput.SCHEMA:
        return SchemaMode(service, entry)
    if mode is Mode.JSON or not entry.tool_calling:
        return JsonMode(service, entry)
    return ToolMode(service, entry)


def _require_no_call(message: AIMessage) -> None:
    if message.tool_calls or message.invalid_tool_calls:
        raise ModelOutputInvalid("The model called a tool although none was offered.")


def _strip_code_fence(text: str) -> str:
    """Remove one Markdown code fence around the whole answer, which models often add."""
    whole = text.strip()
    if whole.startswith(CODE_FENCE) and whole.endswith(CODE_FENCE) and whole.count(CODE_FENCE) == 2:
        return whole.removesuffix(CODE_FENCE).partition("\n")[2].strip()
    return whole
