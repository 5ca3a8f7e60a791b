"""Determines whether a model can be called and, if not, what is missing."""

from collections.abc import Callable
from importlib.util import find_spec

from coursewright.agents.key_hosts import may_receive
from coursewright.agents.model_registry import ModelEntry
from coursewright.domain.model_call import ApiKey, Unavailability, UnavailabilityCode
from coursewright.ports.agents import ModelKey

PACKAGES = {
    "openai": "langchain_openai",
    "bedrock": "langchain_aws",
    "anthropic": "langchain_anthropic",
    "google": "langchain_google_genai",
}
LAYERS = {"anthropic": "WithAnthropic", "google": "WithGoogle"}


def missing_package(entry: ModelEntry) -> Unavailability | None:
    """Return how to install the provider's package, or None if it is installed."""
    package = PACKAGES[entry.provider]
    if find_spec(package) is not None:
        return None
    params = {"package": package.replace("_", "-")}
    if parameter := LAYERS.get(entry.provider):
        params |= {"parameter": parameter}
        return Unavailability(code=UnavailabilityCode.LAYER_MISSING, params=params)
    return Unavailability(code=UnavailabilityCode.PACKAGE_MISSING, params=params)


def missing_requirements(
    entry: ModelEntry, model_key: ModelKey, has_aws: Callable[[], bool]
) -> list[Unavailability]:
    """Return everything that prevents this model from being called."""
    missing = []
    if entry.disabled:
        missing.append(Unavailability(code=UnavailabilityCode.DISABLED))
    if not entry.has_output_mode:
        missing.append(Unavailability(code=UnavailabilityCode.NO_OUTPUT_MODE))
    if package := missing_package(entry):
        missing.append(package)
    if "${" in entry.base_url:
        address = {"address": entry.base_url}
        missing.append(Unavailability(code=UnavailabilityCode.ADDRESS_MISSING, params=address))
    if entry.key and (key_fault := _missing_key(entry, model_key(entry.key))):
        missing.append(key_fault)
    if entry.provider == "bedrock" and not has_aws():
        missing.append(Unavailability(code=UnavailabilityCode.AWS_MISSING))
    return missing


def _missing_key(entry: ModelEntry, key: ApiKey) -> Unavailability | None:
    name = {"name": entry.key}
    if not key.value:
        return Unavailability(code=UnavailabilityCode.KEY_MISSING, params=name)
    if "${" in entry.base_url or may_receive(entry, key):
        return None
    params = name | {"host": entry.host}
    return Unavailability(code=UnavailabilityCode.KEY_NOT_ALLOWED, params=params)
