"""How an answer comes back: through the agent's own tool, as JSON, or as plain text.

The tool is the way of choice: the provider binds the answer to the schema, and a model that wants
something else has no means for it. JSON serves models without tool calling, or a brief that asks
for it; plain text serves the one agent whose whole answer is a sentence. In both of these the
program saves, after the same schema has accepted the answer.
"""

import json
from abc import ABC, abstractmethod
from typing import Any

from langchain.agents.middleware import ModelRequest
from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool

from coursewright.agents import answer_validation
from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.prompt_templates import Prompt, render
from coursewright.agents.toolsets import AgentService
from coursewright.domain.assignment import Authorship
from coursewright.domain.brief import Mode
from coursewright.domain.errors import ModelOutputInvalid

FENCE = "```"


class OutputMode(ABC):
    """What differs between the ways; the ledger, the guard and the one call do not."""

    is_saved_by_tool = False
    max_calls = 1

    def __init__(self, service: AgentService, entry: ModelEntry) -> None:
        self.service, self.entry = service, entry

    def adapted(self, prompt: Prompt) -> Prompt:
        """Tell the model how to hand in, where that is not by the tool that the prompt names."""
        return prompt

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the tools that the model may call."""
        return []

    def asking(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Shape the request."""
        return request

    @abstractmethod
    def read(self, message: AIMessage) -> dict[str, Any]:
        """Return the arguments of the whole answer. Raises: ModelRefused or ModelOutputInvalid."""

    def is_malformed(self, message: AIMessage) -> bool:
        """Return whether all is well but for the JSON: the only fault worth a second call."""
        return False

    @property
    def not_json(self) -> str:
        """Say what is wrong with a malformed answer."""
        return answer_validation.not_json(self.service)

    @property
    def reminder(self) -> str:
        """The words that ask for the same answer in valid JSON."""
        return render("shared/malformed", tool=self.service.tool_name)


class ToolMode(OutputMode):
    """One forced tool."""

    is_saved_by_tool = True

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the one tool."""
        return self.service.tools(authorship)

    def asking(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Force the tool."""
        return request.override(tool_choice=self.service.tool_name)

    def read(self, message: AIMessage) -> dict[str, Any]:
        """Return the arguments of the one right call."""
        return answer_validation.read_arguments(message, self.service)

    def is_malformed(self, message: AIMessage) -> bool:
        """Return whether the one call's JSON is all that is wrong."""
        return answer_validation.is_malformed(message, self.service)


class JsonMode(OutputMode):
    """One JSON object as the whole answer; the program saves it."""

    def adapted(self, prompt: Prompt) -> Prompt:
        """Add the schema, which no tool carries now, to the part that never changes."""
        schema = json.dumps(self.service.schema.model_json_schema(), ensure_ascii=False, indent=1)
        told = render("shared/json_mode", tool=self.service.tool_name, schema=schema)
        return prompt.with_system(f"{prompt.system}\n\n{told}")

    def asking(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        """Switch the provider's own JSON mode on, where the registry says that it has one."""
        if self.entry.provider != "openai" or not self.entry.json_mode:
            return request
        wanted = {"type": "json_object"}
        # As an extra of the body: given by name, the client reads the answer in its own way.
        is_chat = self.entry.api == "chat"
        extra = {"response_format": wanted} if is_chat else {"text": {"format": wanted}}
        return request.override(model_settings=request.model_settings | {"extra_body": extra})

    def read(self, message: AIMessage) -> dict[str, Any]:
        """Return the object."""
        answer_validation.require_finished(message)
        _require_no_call(message)
        try:
            found = json.loads(_unfenced(message.text))
        except ValueError:
            raise ModelOutputInvalid(self.not_json) from None
        if not isinstance(found, dict):
            raise ModelOutputInvalid("The answer is JSON, but no object.")
        return answer_validation.checked(found, self.service)

    def is_malformed(self, message: AIMessage) -> bool:
        """Return whether the answer tries to be an object and fails at its JSON."""
        text = _unfenced(message.text)
        if (
            not text.startswith("{")
            or message.tool_calls
            or not answer_validation.is_finished(message)
        ):
            return False
        try:
            json.loads(text)
        except ValueError:
            return True
        return False

    @property
    def not_json(self) -> str:
        """Say what is wrong with a malformed answer."""
        return "The answer is not valid JSON."

    @property
    def reminder(self) -> str:
        """Ask for the same object in valid JSON."""
        return render("shared/malformed_json")


class TextMode(OutputMode):
    """Plain text, straight into the one field of the schema."""

    def read(self, message: AIMessage) -> dict[str, Any]:
        """Return the text."""
        answer_validation.require_finished(message)
        _require_no_call(message)
        (field,) = self.service.schema.model_fields
        return answer_validation.checked({field: message.text.strip()}, self.service)


def choose_output_mode(service: AgentService, entry: ModelEntry, mode: Mode) -> OutputMode:
    """Choose how this model hands in this work."""
    if service.is_plain_text:
        return TextMode(service, entry)
    if mode is Mode.JSON or not entry.tool_calling:
        return JsonMode(service, entry)
    return ToolMode(service, entry)


def _require_no_call(message: AIMessage) -> None:
    if message.tool_calls or message.invalid_tool_calls:
        raise ModelOutputInvalid("The model called a tool, and none was offered.")


def _unfenced(text: str) -> str:
    """Take off one fence of Markdown around the whole answer, which models like to write."""
    whole = text.strip()
    if whole.startswith(FENCE) and whole.endswith(FENCE) and whole.count(FENCE) == 2:
        return whole.removesuffix(FENCE).partition("\n")[2].strip()
    return whole
