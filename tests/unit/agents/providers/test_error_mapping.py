"""Each provider failure is mapped to one of our errors; the real clients never retry."""

import socket
import warnings

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.exceptions import ReadTimeoutError as AwsReadTimeout
from langchain.agents.middleware import ModelRequest

from coursewright.agents.providers import responses
from coursewright.agents.providers.bedrock import from_botocore
from coursewright.agents.providers.error_mapping import AnswerUnreadable
from coursewright.agents.providers.factory import build_chat_model
from coursewright.agents.providers.transport import Transport
from coursewright.domain.errors import (
    ModelError,
    ModelNotUsable,
    ModelOutputInvalid,
    ModelRefused,
    ModelThrottled,
    ModelUnavailable,
)
from coursewright.domain.model_call import Usage
from tests.fakes.formats import Reply, ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion, failure, success
from tests.unit.agents.fixtures import entry

KEY = "sk-scripted-secret"
ROWS: list[tuple[ScriptedReply, type[ModelError], str]] = [
    (failure(429), ModelThrottled, "rate-limiting"),
    (failure(429, "insufficient_quota"), ModelNotUsable, "quota is used up"),
    (failure(500), ModelUnavailable, "500"),
    (failure(503), ModelUnavailable, "503"),
    (failure(408), ModelUnavailable, "408"),
    (failure(409), ModelUnavailable, "409"),
    (failure(401), ModelNotUsable, "SCRIPTED_KEY"),
    (failure(403), ModelNotUsable, "SCRIPTED_KEY"),
    (failure(402), ModelNotUsable, "quota is used up"),
    (failure(404, "model_not_found"), ModelNotUsable, "no model scripted"),
    (failure(400, "context_length_exceeded", "context_length_exceeded"), ModelNotUsable, "long"),
    (failure(400, "content_filter"), ModelRefused, "content_filter"),
    (failure(400, "bad_parameter"), ModelNotUsable, "400"),
    (failure(422), ModelNotUsable, "422"),
    (Reply(body=b"<html>hello</html>", content_type="text/html"), ModelOutputInvalid, "completion"),
    (Reply(body=b"{not json"), ModelOutputInvalid, "completion"),
    (success({"choices": []}), ModelOutputInvalid, "completion"),
    (success({"choices": None}), ModelOutputInvalid, "completion"),
    (Reply(body=b'{"choices": [', is_cut=True), ModelUnavailable, "reached"),
]
AWS_ROWS: list[tuple[str, int, type[ModelError]]] = [
    ("ThrottlingException", 429, ModelThrottled),
    ("TooManyRequestsException", 429, ModelThrottled),
    ("ServiceQuotaExceededException", 400, ModelNotUsable),
    ("ModelNotReadyException", 429, ModelUnavailable),
    ("ModelTimeoutException", 408, ModelUnavailable),
    ("ModelErrorException", 424, ModelUnavailable),
    ("InternalServerException", 500, ModelUnavailable),
    ("ServiceUnavailableException", 503, ModelUnavailable),
    ("SomethingNewException", 502, ModelUnavailable),
    ("AccessDeniedException", 403, ModelNotUsable),
    ("UnrecognizedClientException", 403, ModelNotUsable),
    ("ResourceNotFoundException", 404, ModelNotUsable),
    ("ValidationException", 400, ModelNotUsable),
]


@pytest.mark.parametrize(("reply", "expected", "message"), ROWS)
def test_a_failure_is_translated_after_one_call(
    reply: ScriptedReply, expected: type[ModelError], message: str
) -> None:
    with ScriptedProvider([reply]) as provider:
        model = build_chat_model(entry(provider.url), KEY)

        with pytest.raises(expected, match=message):
            model.invoke("hello")

        assert provider.calls == 1


def test_a_refused_connection_is_an_outage() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    model = build_chat_model(entry(f"http://127.0.0.1:{port}/v1"), KEY)

    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        model.invoke("hello")


def test_a_missing_response_is_an_outage() -> None:
    with ScriptedProvider([Reply(delay_seconds=0.5)]) as provider:
        model = build_chat_model(entry(provider.url), KEY, timeout_seconds=0.1)

        with pytest.raises(ModelUnavailable, match="in time"):
            model.invoke("hello")

        assert provider.calls == 1


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_key_that_the_provider_repeats_is_redacted(status: int) -> None:
    with ScriptedProvider([failure(status, message=f"wrong key {KEY}")]) as provider:
        model = build_chat_model(entry(provider.url), KEY)

        with pytest.raises(ModelError) as caught:
            model.invoke("hello")

    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_cost_of_an_unreadable_answer_is_known() -> None:
    with ScriptedProvider([completion(("save_tests", "[1]"))]) as provider:
        transport = Transport(10)
        model = build_chat_model(entry(provider.url), KEY, transport=transport)

        with pytest.raises(AnswerUnreadable):
            model.invoke("hello")

    assert responses.usage(transport.document) == Usage(
        input_tokens=100, cached_tokens=64, output_tokens=20
    )
    assert "save_tests" in transport.response_text


@pytest.mark.parametrize(("code", "status", "expected"), AWS_ROWS)
def test_a_bedrock_error_is_translated(code: str, status: int, expected: type[ModelError]) -> None:
    response = {
        "Error": {"Code": code, "Message": "scripted"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }

    translated = from_botocore(ClientError(response, "Converse"), entry(provider="bedrock"))  # type: ignore[arg-type]

    assert type(translated) is expected


def test_a_bedrock_that_cannot_be_reached_is_an_outage() -> None:
    broken = [
        EndpointConnectionError(endpoint_url="http://bedrock"),
        AwsReadTimeout(endpoint_url="http://bedrock"),
    ]

    translated = [from_botocore(error, entry(provider="bedrock")) for error in broken]

    assert [type(error) for error in translated] == [ModelUnavailable, ModelUnavailable]


def test_missing_aws_credentials_are_a_configuration_error() -> None:
    translated = from_botocore(NoCredentialsError(), entry(provider="bedrock"))

    assert type(translated) is ModelNotUsable
    assert "credentials" in str(translated)


def test_a_call_that_ends_concurrently_does_not_break_another_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ending = warnings.catch_warnings()
    ending.__enter__()
    ends = iter([lambda: ending.__exit__(None, None, None)])
    assign = ModelRequest.__setattr__

    def ends_another_call(request: ModelRequest, name: str, value: object) -> None:
        next(ends, lambda: None)()
        assign(request, name, value)

    monkeypatch.setattr(ModelRequest, "__setattr__", ends_another_call)
    model = build_chat_model(entry(), KEY)
    assert ModelRequest(model=model, messages=[]).messages == []
