"""The step reports which models can be called without disclosing any key."""

from coursewright.agents.model_registry import Registry
from coursewright.markup.availability_text import unavailability_text
from coursewright.steps.list_models import list_models
from tests.fakes.memory_agents import MemoryModelKeys
from tests.unit.authoring.builders import entry


def missing(registry: Registry, has_aws: bool = True, **keys: str) -> dict[str, str]:
    listed = list_models(registry=registry, model_key=MemoryModelKeys(**keys).get, has_aws=has_aws)
    return {item.id: "; ".join(map(unavailability_text, item.missing)) for item in listed}


def test_a_model_without_its_key_names_the_key() -> None:
    registry = Registry([entry("openai:one")])

    assert missing(registry) == {"openai:one": "OPENAI_API_KEY is not set"}
    assert missing(registry, OPENAI_API_KEY="secret") == {"openai:one": ""}


def test_no_key_is_returned() -> None:
    registry = Registry([entry("openai:one")])

    listed = list_models(
        registry=registry, model_key=MemoryModelKeys(OPENAI_API_KEY="secret").get, has_aws=True
    )

    assert "secret" not in str(listed)


def test_a_disabled_model_is_reported_as_such() -> None:
    registry = Registry([entry("openai:one", disabled=True, key="")])

    assert "disabled" in missing(registry)["openai:one"]


def test_without_aws_there_is_no_bedrock() -> None:
    registry = Registry([entry("bedrock:one", provider="bedrock", key="")])

    assert missing(registry) == {"bedrock:one": ""}
    assert "AWS credentials" in missing(registry, has_aws=False)["bedrock:one"]
