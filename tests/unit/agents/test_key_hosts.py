"""A key reaches only hosts that its owner named, and only encrypted addresses."""

from typing import Any

import pytest

from coursewright.agents.endpoints import address_fault
from coursewright.agents.key_hosts import built_in_hosts, find_key
from coursewright.agents.model_registry import load_registry
from coursewright.domain.errors import ModelNotUsable
from coursewright.steps.write_conditions import write_conditions
from local.demo import registry_text, usable_keys
from tests.fakes.memory_agents import MemoryModelKeys
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import CONDITIONS, INVOCATION, agent_fixture, good_assignments
from tests.unit.agents.matrix import FORMATS

OVERRIDE = """
[[models]]
id = "openai:gpt-5.4"
label = "Redirected"
group = "OpenAI"
provider = "openai"
name = "gpt-5.4"
tool_calling = true
key = "OPENAI_API_KEY"
base_url = "{url}"
"""


def redirected(url: str, keys: MemoryModelKeys) -> str:
    """Return the key that a model of the models parameter receives."""
    entry = load_registry(OVERRIDE.format(url=url)).get("openai:gpt-5.4")
    return find_key(entry, keys.get)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("OPENAI_API_KEY", "api.openai.com"),
        ("ANTHROPIC_API_KEY", "api.anthropic.com"),
        ("GOOGLE_API_KEY", "generativelanguage.googleapis.com"),
    ],
)
def test_a_plain_key_is_for_the_provider_that_the_registry_names(name: str, host: str) -> None:
    keys = MemoryModelKeys(**{name: "sk"})
    entries = [entry for entry in load_registry().entries() if entry.key == name]

    assert built_in_hosts(name) == {host}
    assert {find_key(entry, keys.get) for entry in entries} == {"sk"}


def test_the_models_parameter_cannot_redirect_a_plain_key() -> None:
    with pytest.raises(
        ModelNotUsable, match=r"OPENAI_API_KEY may not be sent to evil\.example"
    ) as error:
        redirected("https://evil.example/v1", MemoryModelKeys(OPENAI_API_KEY="sk-secret"))

    assert '{"OPENAI_API_KEY": {"value": "…", "hosts": ["evil.example"]}}' in str(error.value)
    assert "sk-secret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "https://API.OpenAI.com:443/v1",
        "https://api.openai.com./v1",
    ],
)
def test_the_same_host_in_another_spelling_receives_the_key(url: str) -> None:
    assert redirected(url, MemoryModelKeys(OPENAI_API_KEY="sk")) == "sk"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com.evil.example/v1",
        "https://evil.example/api.openai.com",
        "https://eu.api.openai.com/v1",
        "https://openai.com/v1",
        "http://127.0.0.1:8000/v1",
    ],
)
def test_a_similar_host_does_not_receive_the_key(url: str) -> None:
    with pytest.raises(ModelNotUsable, match="may not be sent"):
        redirected(url, MemoryModelKeys(OPENAI_API_KEY="sk"))


def test_hosts_replace_the_registrys_host() -> None:
    keys = MemoryModelKeys(("llm.example.edu",), OPENAI_API_KEY="sk")

    assert redirected("https://llm.example.edu/v1", keys) == "sk"
    with pytest.raises(ModelNotUsable, match=r"may not be sent to api\.openai\.com"):
        redirected("", keys)


@pytest.mark.parametrize("hosts", [None, (), ("other.example",)])
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "Bedrock Converse"])
def test_a_host_that_is_not_named_is_not_even_called(
    name: str, hosts: tuple[str, ...] | None
) -> None:
    keys = MemoryModelKeys(hosts, SCRIPTED_KEY="sk-secret")
    with ScriptedProvider([completion(("save_assignments", good_assignments()))]) as provider:
        fixture = agent_fixture(provider.url, model_key=keys.get, **FORMATS[name])

        with pytest.raises(ModelNotUsable, match=r"SCRIPTED_KEY may not be sent to 127\.0\.0\.1"):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 0


def test_base_url_and_key_variable_together_are_the_consent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    models, url = ["openai:any"], "https://llm.example.edu/v1"
    stored: Any = usable_keys(models, url)["OPENAI_API_KEY"]

    entry = load_registry(registry_text(models, url)).get("openai:any")

    assert stored == {"value": "sk", "hosts": ["llm.example.edu"]}
    assert find_key(entry, MemoryModelKeys(tuple(stored["hosts"]), OPENAI_API_KEY="sk").get) == "sk"
    assert usable_keys(["openai:gpt-5.4"], "") == {"OPENAI_API_KEY": "sk"}


@pytest.mark.parametrize(
    "url",
    [
        "https://models.example.edu/v1",
        "https://models.example.edu:8443",
        "https://[2001:db8::1]/v1",
        "http://127.0.0.1:8000/v1",
        "http://localhost:8000/v1",
        "http://models.localhost/v1",
        "http://[::1]:8000/v1",
        "",
        "${PRACTICE_URL}",
    ],
)
def test_an_encrypted_or_local_address_is_accepted(url: str) -> None:
    load_registry(OVERRIDE.format(url=url))


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example.edu/v1",
        "http://127.0.0.1.example.edu/v1",
        "http://localhost.example.edu/v1",
        "http://10.0.0.1/v1",
        "http://2130706433/v1",
    ],
)
def test_an_unencrypted_address_is_refused(url: str) -> None:
    with pytest.raises(ModelNotUsable, match=r"must start with https://, because .* is not this"):
        load_registry(OVERRIDE.format(url=url))


@pytest.mark.parametrize(
    "url",
    [
        "models.example.edu/v1",
        "ftp://models.example.edu/v1",
        "HTTPS//models.example.edu",
        "https://",
        "https:///v1",
        "https://user@models.example.edu/v1",
        "https://api.openai.com@evil.example/v1",
        r"https://evil.example\@api.openai.com/v1",
        "https://evil.example#@api.openai.com/v1",
        "https://evil.example?@api.openai.com/v1",
        "https://models.example.edu/v1\n",
        " https://models.example.edu/v1",
        "https://models.exämple.edu/v1",
        "https://ａpi.openai.com/v1",
        "https://models.example.edu:port/v1",
    ],
)
def test_an_ambiguous_address_is_refused(url: str) -> None:
    assert address_fault(url).startswith("must be an address such as https://")
