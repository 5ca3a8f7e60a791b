"""API keys are cached, missing keys are empty, and invalid secrets are never printed."""

import json
import traceback
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from coursewright.adapters.secrets import SecretModelKeys
from coursewright.domain.errors import ModelNotUsable
from coursewright.domain.model_call import ApiKey

SECRET = "model-keys"


class CountingClient:
    """A Secrets Manager client that counts its calls."""

    def __init__(self) -> None:
        self.reads = 0
        self._client = boto3.client("secretsmanager")

    def get_secret_value(self, **names: Any) -> Any:
        self.reads += 1
        return self._client.get_secret_value(**names)


@pytest.fixture
def client(cloud: None) -> CountingClient:
    return CountingClient()


def keys(client: CountingClient, text: str) -> SecretModelKeys:
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=text)
    return SecretModelKeys(SecretsProvider(boto3_client=client), SECRET)  # type: ignore[arg-type]


def test_keys_are_read_once_and_then_cached(client: CountingClient) -> None:
    stored = keys(client, json.dumps({"OPENAI_API_KEY": "sk-one\n", "GOOGLE_API_KEY": None}))

    found = [stored.get("OPENAI_API_KEY").value for _ in range(3)]

    assert (found, client.reads) == (["sk-one"] * 3, 1)
    assert stored.get("GOOGLE_API_KEY") == stored.get("ANTHROPIC_API_KEY") == ApiKey()


def test_an_entry_names_the_hosts_that_may_receive_its_key(client: CountingClient) -> None:
    entry = {"value": "sk-one", "hosts": ["LLM.example.edu", "::1"]}

    stored = keys(client, json.dumps({"ONE_KEY": entry, "TWO_KEY": "sk-two"}))

    assert stored.get("ONE_KEY") == ApiKey(value="sk-one", hosts=("llm.example.edu", "::1"))
    assert stored.get("TWO_KEY").hosts is None
    assert "sk-one" not in repr(stored.get("ONE_KEY"))


@pytest.mark.parametrize(
    "entry",
    [
        ["sk-one"],
        {"key": "sk-one"},
        {"value": "sk-one", "host": "llm.example.edu"},
        {"value": ["sk-one"]},
        {"value": "sk-one", "hosts": "llm.example.edu"},
        {"value": "sk-one", "hosts": ["https://llm.example.edu"]},
        {"value": "sk-one", "hosts": ["*.example.edu/"]},
        {"value": "sk-one", "hosts": ["llm.example.edu:443"]},
        {"value": "sk-one", "hosts": [None]},
        {"value": "sk-one", "hosts": 1},
    ],
)
def test_an_entry_of_another_form_is_reported(client: CountingClient, entry: Any) -> None:
    with pytest.raises(ModelNotUsable, match=r"entry ONE_KEY .* nor") as caught:
        keys(client, json.dumps({"ONE_KEY": entry})).get("ONE_KEY")

    assert "sk-one" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("text", ["sk-one", '["sk-one"]', '{"OPENAI_API_KEY": "sk-one"'])
def test_a_secret_that_is_not_an_object_is_reported(client: CountingClient, text: str) -> None:
    with pytest.raises(ModelNotUsable, match="is not a JSON object") as caught:
        keys(client, text).get("OPENAI_API_KEY")

    assert "sk-one" not in "".join(traceback.format_exception(caught.value))
