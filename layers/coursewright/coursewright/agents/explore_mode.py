"""The mode `explore`: an agent may make a limited number of read calls before it writes.

Each read-only model call is paid for, so it has its own ledger entry. An interrupted task replays
the recorded calls and continues from there.
"""

import json
from typing import Any

from langchain.agents.middleware import ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, message_to_dict, messages_from_dict
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ValidationError

from coursewright.agents.ledger import TaskLedger
from coursewright.agents.ledger_middleware import Handler, LedgerMiddleware
from coursewright.agents.output_modes import ToolMode
from coursewright.agents.prompt_templates import Prompt, render
from coursewright.agents.providers.guarded_chat import chat_client
from coursewright.agents.providers.transport import Transport
from coursewright.domain.assignment import Authorship
from coursewright.domain.brief import MAX_READ_CALLS
from coursewright.domain.errors import ModelError, ModelOutputInvalid


class ExploreMode(ToolMode):
    """One save tool and several read tools.

    A response that calls the save tool must not call any other.
    """

    max_calls = MAX_READ_CALLS + 1

    def adapt_prompt(self, prompt: Prompt) -> Prompt:
        """Describe the read tools and their limit."""
        section = render(
            "shared/explore", max_reads=str(MAX_READ_CALLS), tool=self.service.tool_name
        )
        return prompt.with_system(f"{prompt.system}\n\n{section}")

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the save tool, then the read tools."""
        return [*self.service.tools(authorship), *self.service.read_tools]

    def prepare_request_with_reads(
        self, request: ModelRequest[Any], reads_left: int
    ) -> ModelRequest[Any]:
        """Allow any tool while the model may still read; force the save tool afterwards."""
        choice = "any" if reads_left else self.service.tool_name
        return chat_client(request).require_tool(request, choice)

    def is_read_call(self, message: AIMessage) -> bool:
        """Whether the response calls read tools only."""
        names = {tool.name for tool in self.service.read_tools}
        called = {call["name"] for call in message.tool_calls}
        return bool(called) and called <= names and not message.invalid_tool_calls

    def validate_read_calls(self, message: AIMessage, reads_left: int) -> None:
        """Validate read calls before any tool runs. Raises: ModelOutputInvalid."""
        if len(message.tool_calls) > reads_left:
            raise ModelOutputInvalid(f"The model tried to read more than {MAX_READ_CALLS} times.")
        schemas = {tool.name: tool.args_schema for tool in self.service.read_tools}
        for call in message.tool_calls:
            schema = schemas[call["name"]]
            if isinstance(schema, type) and issubclass(schema, BaseModel):
                _require_valid(schema, call["name"], call["args"])


class ExploreMiddleware(LedgerMiddleware):
    """Middleware that records each read-only response, and then the answer, in the ledger."""

    _mode: ExploreMode

    def __init__(self, mode: ExploreMode, ledger: TaskLedger, transport: Transport) -> None:
        super().__init__(mode, ledger, transport)
        self._responses = self._reads = 0
        self._has_lease = False

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Replay a recorded read-only response, or call the model."""
        if not self._has_lease and (stored := self._ledger.find_read_call(self._responses)):
            return self._continue_with(_deserialise(stored))
        if not self._has_lease:
            self._ledger.acquire_lease()
            self._has_lease = True
        message = self._call_and_validate(request, handler)
        if self.arguments:
            self._ledger.accept(self.arguments)
            return _response_without_id(message)
        self._ledger.record_read_call(self._responses, _serialise(message))
        return self._continue_with(message)

    def _call_and_validate(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        reads_left = MAX_READ_CALLS - self._reads
        prepared = self._mode.prepare_request_with_reads(request, reads_left)
        try:
            message = self._call_with_retry(prepared, handler)
            if self._mode.is_read_call(message):
                self._mode.validate_read_calls(message, reads_left)
            else:
                self.arguments = self._mode.extract_arguments(message)
        except ModelError as error:
            self._ledger.record_failure(error)
            raise
        return message

    def _continue_with(self, message: AIMessage) -> ModelResponse[Any]:
        self._responses += 1
        self._reads += len(message.tool_calls)
        return _response_without_id(message)


def _response_without_id(message: AIMessage) -> ModelResponse[Any]:
    """Remove the id: a repeated id would replace the earlier message in the agent's state."""
    return ModelResponse(result=[message.model_copy(update={"id": None})])


def _serialise(message: AIMessage) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(message_to_dict(message), default=str))
    return stored


def _deserialise(stored: dict[str, Any]) -> AIMessage:
    (message,) = messages_from_dict([stored])
    if not isinstance(message, AIMessage):
        raise ModelOutputInvalid("The ledger's record of a read call is not a model answer.")
    return message


def _require_valid(schema: type[BaseModel], tool: str, arguments: dict[str, Any]) -> None:
    try:
        schema.model_validate(arguments)
    except ValidationError:
        raise ModelOutputInvalid(f"The arguments of {tool} do not match its schema.") from None
