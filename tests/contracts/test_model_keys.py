"""API keys are cached, missing keys are empty, and invalid secrets are never printed."""

import json
import traceback
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from coursewright.adapters.secrets import SecretModelKeys
from coursewright.domain.errors import ModelNotUsable

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

    found = [stored.get("OPENAI_API_KEY") for _ in range(3)]

    assert (found, client.reads) == (["sk-one"] * 3, 1)
    assert stored.get("GOOGLE_API_KEY") == stored.get("ANTHROPIC_API_KEY") == ""


@pytest.mark.parametrize("text", ["sk-one", '["sk-one"]', '{"OPENAI_API_KEY": "sk-one"'])
def test_a_secret_that_is_not_an_object_is_reported(client: CountingClient, text: str) -> None:
    with pytest.raises(ModelNotUsable, match="is not a JSON object") as caught:
        keys(client, text).get("OPENAI_API_KEY")

    assert "sk-one" not in "".join(traceback.format_exception(caught.value))
