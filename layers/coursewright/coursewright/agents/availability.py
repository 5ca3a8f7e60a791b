"""Determines whether a model can be called from here and, if not, what is missing."""

from collections.abc import Callable
from importlib.util import find_spec

from coursewright.agents.model_registry import ModelEntry

PACKAGES = {
    "openai": "langchain_openai",
    "bedrock": "langchain_aws",
    "anthropic": "langchain_anthropic",
    "google": "langchain_google_genai",
}
LAYERS = {"anthropic": "WithAnthropic", "google": "WithGoogle"}


def missing_package(entry: ModelEntry) -> str:
    """Return how to install the provider's package, or an empty text if it is installed."""
    if find_spec(PACKAGES[entry.provider]) is not None:
        return ""
    parameter = LAYERS.get(entry.provider)
    remedy = f"; deploy with {parameter}=true" if parameter else ""
    return f"the package {PACKAGES[entry.provider].replace('_', '-')} is not installed{remedy}"


def missing_requirements(
    entry: ModelEntry, has_key: Callable[[str], bool], has_aws: Callable[[], bool]
) -> list[str]:
    """Return everything that prevents this model from being called."""
    missing = []
    if entry.disabled:
        missing.append("it is disabled in the registry")
    if not (entry.tool_calling or entry.json_mode):
        missing.append("it supports neither tool calling nor JSON mode")
    if package := missing_package(entry):
        missing.append(package)
    if "${" in entry.base_url:
        missing.append(f"the address {entry.base_url} has not been filled in")
    if entry.key and not has_key(entry.key):
        missing.append(f"set {entry.key}")
    if entry.provider == "bedrock" and not has_aws():
        missing.append("AWS credentials and a region")
    return missing
