"""The mode `explore`: an agent may read around before it writes, six times and no more.

Every reading is a paid call, so it has an entry of its own in the ledger: a turn that broke off is
played again up to where it was, and goes on from there.
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
from coursewright.agents.providers.transport import Transport
from coursewright.domain.assignment import Authorship
from coursewright.domain.brief import MAX_READ_CALLS
from coursewright.domain.errors import ModelError, ModelOutputInvalid


class ExploreMode(ToolMode):
    """One tool to write, and a few to read; the answer that writes does nothing else."""

    max_calls = MAX_READ_CALLS + 1

    def adapted(self, prompt: Prompt) -> Prompt:
        """Say what can be read, and how often."""
        told = render("shared/explore", most=str(MAX_READ_CALLS), tool=self.service.tool_name)
        return prompt.with_system(f"{prompt.system}\n\n{told}")

    def tools(self, authorship: Authorship) -> list[BaseTool]:
        """Return the one tool that writes, then those that read."""
        return [*self.service.tools(authorship), *self.service.read_tools]

    def asking_with(self, request: ModelRequest[Any], left: int) -> ModelRequest[Any]:
        """Let the model choose while it may read; after that it has to write."""
        return request.override(tool_choice="any") if left else self.asking(request)

    def is_reading(self, message: AIMessage) -> bool:
        """Return whether an answer only reads."""
        names = {tool.name for tool in self.service.read_tools}
        called = {call["name"] for call in message.tool_calls}
        return bool(called) and called <= names and not message.invalid_tool_calls

    def require_reading(self, message: AIMessage, left: int) -> None:
        """Check an answer that reads before any tool runs. Raises: ModelOutputInvalid."""
        if len(message.tool_calls) > left:
            raise ModelOutputInvalid(f"The model wants to read more than {MAX_READ_CALLS} times.")
        schemas = {tool.name: tool.args_schema for tool in self.service.read_tools}
        for call in message.tool_calls:
            schema = schemas[call["name"]]
            if isinstance(schema, type) and issubclass(schema, BaseModel):
                _require_valid(schema, call["name"], call["args"])


class ExploreMiddleware(LedgerMiddleware):
    """Lets a few readings through, each kept in the ledger, and then one whole answer."""

    _way: ExploreMode

    def __init__(self, way: ExploreMode, turn: TaskLedger, wire: Transport) -> None:
        super().__init__(way, turn, wire)
        self._asked = self._read = 0
        self._is_open = False

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Return a reading that was paid before, or ask."""
        if not self._is_open and (kept := self._turn.kept_look(self._asked)):
            return self._passed(_revived(kept))
        if not self._is_open:
            self._turn.open()
            self._is_open = True
        message = self._whole(request, handler)
        if self.arguments:
            self._turn.accept(self.arguments)
            return _without_id(message)
        self._turn.keep_look(self._asked, _plain(message))
        return self._passed(message)

    def _whole(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        left = MAX_READ_CALLS - self._read
        try:
            message = self._answer(self._way.asking_with(request, left), handler)
            if self._way.is_reading(message):
                self._way.require_reading(message, left)
            else:
                self.arguments = self._way.read(message)
        except ModelError as error:
            self._turn.record_failure(error)
            raise
        return message

    def _passed(self, message: AIMessage) -> ModelResponse[Any]:
        self._asked += 1
        self._read += len(message.tool_calls)
        return _without_id(message)


def _without_id(message: AIMessage) -> ModelResponse[Any]:
    """Let no message replace an earlier one to which the provider gave the same id."""
    return ModelResponse(result=[message.model_copy(update={"id": None})])


def _plain(message: AIMessage) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps(message_to_dict(message), default=str))
    return kept


def _revived(kept: dict[str, Any]) -> AIMessage:
    (message,) = messages_from_dict([kept])
    if not isinstance(message, AIMessage):
        raise ModelOutputInvalid("What the ledger keeps as a reading is no answer of a model.")
    return message


def _require_valid(schema: type[BaseModel], tool: str, arguments: dict[str, Any]) -> None:
    try:
        schema.model_validate(arguments)
    except ValidationError:
        raise ModelOutputInvalid(f"The arguments of {tool} are not what it takes.") from None
