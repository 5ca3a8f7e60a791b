"""Builds the client for the chosen model without importing other providers' packages."""

from langchain_core.language_models import BaseChatModel

from coursewright.agents.availability import missing_package
from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import missing_key
from coursewright.agents.providers.transport import Transport
from coursewright.domain.errors import ModelNotUsable
from coursewright.domain.model_call import Unavailability


def build_chat_model(
    entry: ModelEntry,
    key: str,
    *,
    timeout_seconds: float = 120.0,
    transport: Transport | None = None,
) -> BaseChatModel:
    """Return a client that sends each call once, enforces the time limit and never retries.

    Raises: ModelNotUsable, naming the missing configuration, before any call is made.
    """
    if not entry.has_output_mode:
        raise ModelNotUsable(
            f"{entry.id} cannot be used: a model needs tool calling or at least JSON mode"
        )
    if entry.key and not key:
        raise missing_key(entry)
    if not (key.isascii() and key.isprintable()):
        raise ModelNotUsable(
            f"{entry.key} contains characters that no key has, such as a line break"
        )
    if "${" in entry.base_url:
        raise ModelNotUsable(f"{entry.id}: the address {entry.base_url} has not been filled in")
    if missing := missing_package(entry):
        raise ModelNotUsable(_missing_package_text(entry, missing))
    return _build(entry, key, transport or Transport(timeout_seconds, secret=key))


def _missing_package_text(entry: ModelEntry, missing: Unavailability) -> str:
    parameter = missing.params.get("parameter")
    remedy = f"; deploy with {parameter}=true" if parameter else ""
    return f"{entry.id}: the package {missing.params['package']} is not installed{remedy}"


def _build(entry: ModelEntry, key: str, transport: Transport) -> BaseChatModel:
    if entry.provider == "bedrock":
        from coursewright.agents.providers.bedrock import build_bedrock

        return build_bedrock(entry, transport)
    if entry.provider == "anthropic":
        from coursewright.agents.providers.anthropic import build_anthropic

        return build_anthropic(entry, key, transport)
    if entry.provider == "google":
        from coursewright.agents.providers.google import build_google

        return build_google(entry, key, transport)
    from coursewright.agents.providers.openai import build_openai

    return build_openai(entry, key, transport)
