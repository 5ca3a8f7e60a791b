"""The behaviour that the four chat clients share."""

from typing import Any, ClassVar

from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import ChatResult
from pydantic import ConfigDict, Field

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import translate_provider_error
from coursewright.agents.providers.transport import Transport
from coursewright.domain.errors import ModelError

NO_KEY = "no-key-needed"  # an empty key makes clients fail or look for one in the environment
CLOSE_CONNECTION = {"Connection": "close"}  # a client makes one call: leave no socket open


class GuardedChat(BaseChatModel):
    """Mixin that makes a chat client raise our own errors; comes before the client in the bases."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    error_types: ClassVar[tuple[type[Exception], ...]]
    entry: ModelEntry = Field(exclude=True)
    call_transport: Transport = Field(exclude=True)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        with translate_provider_error(
            self.entry, self.call_transport, self.error_types, classify=self._classify
        ):
            result = super()._generate(*args, **kwargs)  # type: ignore[safe-super]
            self._check(result)
            return result

    def _classify(self, error: Exception, entry: ModelEntry) -> ModelError | None:
        """Return our error for a client's exception, or None to classify the HTTP response."""
        return None

    def _check(self, result: ChatResult) -> None:
        """Raise if the client accepted a response that holds no answer."""
