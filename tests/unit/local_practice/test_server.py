"""The practice server implements OpenAI's API, for a plain HTTP client and for ours."""

import json
import socket
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from langchain.agents.middleware import ModelRequest
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.factory import build_chat_model
from coursewright.agents.providers.guarded_chat import chat_client
from local.practice import PracticeServer
from local.practice import server as module
from local.practice.authors import LATENCY_SECONDS
from tests.unit.agents.fixtures import entry
from tests.unit.local_practice.builders import body, lesson_html, schema

MODELS = Path(module.__file__).with_name("models.toml")


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(latency_factor=0) as running:
        yield running


def send(
    server: PracticeServer,
    content: bytes | None,
    path: str = "/v1/chat/completions",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request("GET" if content is None else "POST", path, content, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def post_request(server: PracticeServer, raw: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return send(server, json.dumps(raw).encode())


def assignments_request(model: str = "practice-quick") -> dict[str, Any]:
    return body("assignments", lesson_html("loops"), model=model)


def test_an_answer_is_one_call_of_the_forced_tool(server: PracticeServer) -> None:
    status, answer = post_request(server, assignments_request())

    choice = answer["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert (status, choice["finish_reason"]) == (200, "tool_calls")
    assert call["function"]["name"] == "save_assignments"
    assert len(json.loads(call["function"]["arguments"])["assignments"]) == 5


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_a_foreign_page_is_refused(server: PracticeServer, headers: dict[str, str]) -> None:
    body = json.dumps(assignments_request()).encode()

    posted, _ = send(server, body, headers=headers)
    read, answer = send(server, None, "/v1/models", headers=headers)

    assert (posted, read) == (403, 403)
    assert answer["error"]["code"] == "foreign_request"
    assert server.calls == []


def test_usage_follows_the_length_of_the_texts(server: PracticeServer) -> None:
    _, answer = post_request(server, assignments_request())

    arguments = answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert answer["usage"]["completion_tokens"] == -(-len(arguments) // 4)
    assert answer["usage"]["prompt_tokens"] > len(lesson_html("loops")) // 4


def test_a_prompt_sent_again_is_cheaper(server: PracticeServer) -> None:
    _, first = post_request(server, assignments_request())
    _, second = post_request(server, assignments_request())

    assert first["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
    assert second["usage"]["prompt_tokens_details"]["cached_tokens"] > 1024


def test_the_server_listens_on_loopback_only(server: PracticeServer) -> None:
    assert urlsplit(server.url).hostname == "127.0.0.1"
    assert urlsplit(server.url).path == "/v1"


def test_many_simultaneous_connections_are_accepted() -> None:
    server = PracticeServer()  # not serving yet, so all connections queue
    address = ("127.0.0.1", int(urlsplit(server.url).port or 0))

    with ExitStack() as stack:
        connections = [socket.create_connection(address, timeout=2) for _ in range(40)]
        for connection in connections:
            stack.enter_context(connection)
    server.stop()

    assert len(connections) == 40


def test_the_models_are_declared_not_to_be_language_models(server: PracticeServer) -> None:
    status, answer = send(server, None, "/v1/models")

    assert status == 200
    assert [model["id"] for model in answer["data"]] == list(LATENCY_SECONDS)
    assert all("not language models" in model["owned_by"] for model in answer["data"])


@pytest.mark.parametrize(
    ("content", "path", "status", "code"),
    [
        (None, "/", 404, "unknown_url"),
        (b"{}", "/v1/embeddings", 404, "unknown_url"),
        (b"{", "/v1/chat/completions", 400, "invalid_json"),
        (b"[]", "/v1/chat/completions", 400, "invalid_request"),
        (b'{"model": "practice-quick", "messages": []}', "/v1/chat/completions", 400, None),
    ],
)
def test_an_unreadable_request_is_rejected_in_openais_format(
    server: PracticeServer, content: bytes | None, path: str, status: int, code: str | None
) -> None:
    answered, answer = send(server, content, path)

    assert answered == status
    assert answer["error"]["type"] == "invalid_request_error"
    assert answer["error"]["code"] == (code or "invalid_request")


def test_an_unknown_model_is_not_found(server: PracticeServer) -> None:
    status, answer = post_request(server, assignments_request("gpt-real"))

    assert (status, answer["error"]["code"]) == (404, "model_not_found")


def test_a_request_without_a_tool_is_refused(server: PracticeServer) -> None:
    status, answer = post_request(
        server, assignments_request() | {"tools": [], "tool_choice": None}
    )

    assert status == 400
    assert "tool" in answer["error"]["message"]


def test_streaming_is_refused(server: PracticeServer) -> None:
    status, answer = post_request(server, assignments_request() | {"stream": True})

    assert status == 400
    assert "do not stream" in answer["error"]["message"]


def test_an_unknown_lesson_is_a_bad_request(server: PracticeServer) -> None:
    status, answer = post_request(server, body("assignments", "<h1>Dictionaries</h1>"))

    assert status == 400
    assert "point --base-url at a real provider" in answer["error"]["message"]


def test_a_simulated_outage_can_be_ended(server: PracticeServer) -> None:
    server.start_outage("practice-quick", status=503)

    broken, answer = post_request(server, assignments_request())
    other, _ = post_request(server, assignments_request("practice-careful"))
    server.end_outages()
    repaired, _ = post_request(server, assignments_request())

    assert (broken, other, repaired) == (503, 200, 200)
    assert answer["error"]["type"] == "server_error"


def test_an_outage_may_hit_one_tool_only(server: PracticeServer) -> None:
    server.start_outage("practice-quick", status=429, tool="save_tests")

    hit, answer = post_request(server, body("tests", "Hide the digits"))
    spared, _ = post_request(server, body("solution", "Hide the digits"))

    assert (hit, spared) == (429, 200)
    assert answer["error"]["type"] == "rate_limit_error"


def test_every_call_is_logged_with_its_status(server: PracticeServer) -> None:
    server.start_outage("practice-careful", tool="save_solution")

    post_request(server, body("tests", "Hide the digits"))
    post_request(server, body("solution", "Vowels in a headline", model="practice-careful"))

    assert [(call.model, call.tool, call.status) for call in server.calls] == [
        ("practice-quick", "save_tests", 200),
        ("practice-careful", "save_solution", 503),
    ]
    assert server.calls[0].when.tzinfo is not None


def test_the_latency_factor_applies_to_every_author() -> None:
    with PracticeServer(latency_factor=0.1) as server:
        began = time.monotonic()
        post_request(server, assignments_request("practice-careful"))
        took = time.monotonic() - began

    assert took >= 0.08


def test_a_stopped_server_frees_its_port() -> None:
    with PracticeServer(latency_factor=0) as first:
        port = urlsplit(first.url).port or 0

    with PracticeServer(port=port, latency_factor=0) as second:
        status, _ = send(second, None, "/v1/models")

    assert status == 200


def test_the_registry_lists_the_authors_of_the_server() -> None:
    listed = tomllib.loads(MODELS.read_text(encoding="utf-8"))["models"]

    models = [ModelEntry.model_validate(model, strict=True) for model in listed]

    assert [model.name for model in models] == list(LATENCY_SECONDS)
    assert {model.group for model in models} == {"Practice models (not language models)"}
    assert {model.base_url for model in models} == {"${PRACTICE_URL}"}


def test_the_real_client_gets_the_forced_tools_arguments(server: PracticeServer) -> None:
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    client = ChatOpenAI(
        model="practice-sloppy", base_url=server.url, api_key=SecretStr("none"), max_retries=0
    )
    forced = client.bind_tools([schema("tests", "joins")], tool_choice="SqlTestsSchema")

    message = forced.invoke([("system", "You write tests."), ("user", "Reviews per film")])

    (call,) = message.tool_calls
    assert call["name"] == "SqlTestsSchema"
    assert schema("tests", "joins").model_validate(call["args"])
    assert message.response_metadata["finish_reason"] == "tool_calls"
    assert message.usage_metadata is not None
    assert message.usage_metadata["output_tokens"] > 100


@pytest.mark.parametrize("structured_output", ["tool", "strict_tool"])
@pytest.mark.parametrize("lesson", ["loops", "joins"])
def test_an_author_answers_however_the_tool_is_bound(
    server: PracticeServer, lesson: str, structured_output: str
) -> None:
    practice = entry(server.url, name="practice-quick", structured_output=structured_output)
    arguments_schema = schema("assignments", lesson, count=3)
    tool = StructuredTool.from_function(
        func=lambda **_: "", name="save", description="Submit.", args_schema=arguments_schema
    )
    request = ModelRequest[Any](
        model=build_chat_model(practice, "sk"),
        messages=[HumanMessage(lesson_html(lesson))],
        tools=[tool],
    )

    bound = chat_client(request).require_tool(request, "save")
    model = request.model.bind_tools(bound.tools, tool_choice="save", **bound.model_settings)
    message = model.invoke(request.messages)

    (call,) = message.tool_calls
    assert len(call["args"]["assignments"]) == 3
    assert arguments_schema.model_validate(call["args"])


def test_the_banner_says_that_these_are_not_language_models() -> None:
    assert "not language models" in module.BANNER
