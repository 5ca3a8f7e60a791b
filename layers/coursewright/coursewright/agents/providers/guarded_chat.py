"""The behaviour shared by the four chat clients."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar, cast

from langchain.agents.middleware import ModelRequest
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field

from coursewright.agents.model_registry import ModelEntry, StructuredOutput
from coursewright.agents.providers.error_mapping import translate_provider_error
from coursewright.agents.providers.schema_lowering import lower_schema
from coursewright.agents.providers.transport import Transport
from coursewright.domain.errors import ModelError

NO_KEY = "no-key-needed"  # an empty key makes clients fail or look for one in the environment
CLOSE_CONNECTION = {"Connection": "close"}  # each client makes one call, so leave no socket open


def chat_client(request: ModelRequest[Any]) -> "GuardedChat":
    """Return the request's chat client, which the factory built."""
    return cast(GuardedChat, request.model)


class GuardedChat(BaseChatModel):
    """Mixin that binds tools as the registry specifies and raises our own errors.

    It must precede the provider's client in the list of base classes.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    error_types: ClassVar[tuple[type[Exception], ...]]
    schema_checks: ClassVar[Collection[str]]
    strict_settings: ClassVar[dict[str, Any]] = {"strict": True}
    entry: ModelEntry = Field(exclude=True)
    call_transport: Transport = Field(exclude=True)

    def require_tool(self, request: ModelRequest[Any], choice: str) -> ModelRequest[Any]:
        """Return the request with its tools bound so that the answer must call one of them.

        The choice is a tool's name, or `any`.
        """
        if self.entry.structured_output is not StructuredOutput.STRICT_TOOL:
            return request.override(tool_choice=choice)
        functions = [self.lowered_function(tool) | {"strict": True} for tool in request.tools]
        return request.override(
            tools=[{"type": "function", "function": function} for function in functions],
            tool_choice=choice,
            model_settings=request.model_settings | self.strict_settings,
        )

    def lowered_function(self, tool: BaseTool | dict[str, Any]) -> dict[str, Any]:
        """Return a tool's name, description and parameters, as far as the provider accepts them."""
        function: dict[str, Any] = convert_to_openai_tool(tool)["function"]
        return function | {"parameters": lower_schema(function["parameters"], self.schema_checks)}

    def format_settings(self, response_format: dict[str, Any]) -> dict[str, Any]:
        """Return the model settings that request an answer in OpenAI's `response_format`."""
        return {"response_format": response_format}

    def bind_tools(
        self, tools: Sequence[Any], *args: Any, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind the tools, omitting an empty list because some servers reject it."""
        if response_format := kwargs.pop("response_format", None):
            kwargs |= self.format_settings(response_format)
        if tools:
            return super().bind_tools(tools, *args, **kwargs)
        kwargs.pop("strict", None)  # describes tools, and not every client knows it
        return self.bind(**kwargs)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        try:
            with translate_provider_error(
                self.entry, self.call_transport, self.error_types, classify=self._classify
            ):
                result = super()._generate(*args, **kwargs)  # type: ignore[safe-super]
                self._check(result)
                return result
        except ModelError as error:
            error.__context__ = None  # the client's exception may quote the key
            raise

    def _classify(self, error: Exception, entry: ModelEntry) -> ModelError | None:
        """Return our error for a client's exception, or None to classify the HTTP response."""
        return None

    def _check(self, result: ChatResult) -> None:
        """Raise if the client accepted a response that contains no answer."""
