"""Clients are configured by the registry and never by the environment."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import langsmith
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from langchain_aws import ChatBedrockConverse

from coursewright.agents.providers.factory import build_chat_model
from coursewright.domain.errors import ModelNotUsable, ModelUnavailable
from coursewright.steps.write_conditions import write_conditions
from tests.fakes.memory_agents import MemoryModelKeys
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    CONDITIONS,
    INVOCATION,
    agent_fixture,
    entry,
    good_assignments,
)
from tests.unit.agents.matrix import FORMATS, run_case
from tests.unit.agents.matrix import GOOD as GOOD_SOLVED

GOOD = completion(("save_assignments", good_assignments()))


def test_a_missing_key_is_named_before_any_call() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, model_key=MemoryModelKeys().get)

        with pytest.raises(ModelNotUsable, match="Set SCRIPTED_KEY"):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 0


@pytest.mark.parametrize("key", ["sk-line\nend", "sk-…"])
def test_a_key_that_is_invalid_in_a_header_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ModelNotUsable, match="SCRIPTED_KEY contains characters") as caught:
        build_chat_model(entry(), key)

    assert "sk-" not in str(caught.value)


def test_an_entry_without_a_key_needs_none() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, model_key=MemoryModelKeys().get, key="")

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 1


def test_the_environment_does_not_redirect_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedProvider([GOOD]) as provider, ScriptedProvider([GOOD]) as foreign:
        for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "HTTP_PROXY", "OPENAI_PROXY"):
            monkeypatch.setenv(name, foreign.url)
        monkeypatch.setenv("LC_OUTPUT_VERSION", "responses/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-foreign")
        monkeypatch.setenv("OPENAI_ORG_ID", "org-foreign")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "project-foreign")
        fixture = agent_fixture(provider.url)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert (provider.calls, foreign.calls) == (1, 0)
        assert "foreign" not in str(provider.requests[0].headers)
        assert provider.requests[0].headers["authorization"] == "Bearer sk-scripted"


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_no_client_follows_foreign_environment_variables(
    wire_format: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([completion()]) as foreign:
        for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
            monkeypatch.setenv(name, foreign.url)
        for name in ("HTTP_PROXY", "ALL_PROXY", "OPENAI_PROXY", "ANTHROPIC_PROXY"):
            monkeypatch.setenv(name, foreign.url)
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
            monkeypatch.setenv(name, "sk-foreign")
        monkeypatch.setenv("GOOGLE_API_KEY", "sk-foreign")
        monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")

        outcome = run_case(wire_format, (GOOD_SOLVED,))

        assert (outcome.calls, outcome.saves, foreign.calls) == (1, 1, 0)
    assert "foreign" not in str(outcome.provider.requests[0].headers)


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_a_remote_provider_is_reached_through_the_configured_proxy(
    wire_format: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([GOOD_SOLVED]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        # Not validated: through TLS, the proxy would see only the host.
        remote = entry(**wire_format).model_copy(update={"base_url": "http://provider.example"})
        model = build_chat_model(remote, "sk")

        model.invoke("hello")

    assert [request.path.startswith("http://provider.example/") for request in proxy.requests] == [
        True
    ]


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_a_private_certificate_authority_is_trusted(
    wire_format: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = own_authority(tmp_path)
    with ScriptedProvider([GOOD_SOLVED], certificate=certificate) as provider:
        there = entry(provider.url.removesuffix("/v1"), **wire_format)
        for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name, raising=False)

        with pytest.raises(ModelUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            build_chat_model(there, "sk").invoke("hello")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        build_chat_model(there, "sk").invoke("hello")

    assert provider.calls == 1


def test_a_missing_authority_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authorities.pem")

    with pytest.raises(
        ModelNotUsable, match=r"/nowhere/authorities\.pem, which is set by SSL_CERT_FILE"
    ):
        build_chat_model(entry(), "sk")


def own_authority(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "authority.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_calls_are_never_traced_even_if_tracing_is_enabled() -> None:
    with ScriptedProvider([GOOD]) as provider, ScriptedProvider([GOOD]) as tracing:
        client = langsmith.Client(tracing.url, api_key="ls", auto_batch_tracing=False)
        fixture = agent_fixture(provider.url)

        with langsmith.tracing_context(enabled=True, client=client):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert (provider.calls, tracing.calls) == (1, 0)


def test_temperature_and_length_come_from_the_entry() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, temperature=0.25, max_output_tokens=777)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    body = provider.requests[0].body
    assert (body["temperature"], body["max_completion_tokens"]) == (0.25, 777)
    assert provider.requests[0].path == "/v1/chat/completions"


def test_a_model_without_tool_calling_cannot_be_used() -> None:
    with pytest.raises(ModelNotUsable, match="tool calling"):
        build_chat_model(entry(tool_calling=False), "sk")


def test_an_address_with_a_placeholder_is_refused() -> None:
    with pytest.raises(ModelNotUsable, match="PRACTICE_URL"):
        build_chat_model(entry("${PRACTICE_URL}"), "sk")


def test_bedrock_is_called_once_within_the_time_limit() -> None:
    model = build_chat_model(
        entry("", provider="bedrock", name="amazon.nova-pro-v1:0", key=""), "", timeout_seconds=33
    )

    assert isinstance(model, ChatBedrockConverse)
    config = model.client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout == 33


def test_a_provider_that_was_not_chosen_stays_unloaded() -> None:
    program = (
        "import sys, coursewright.steps.write_tests\n"
        "print([name for name in ('openai', 'langchain_openai', 'langchain_aws')"
        " if name in sys.modules])"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": "layers/coursewright"},
    )

    assert shown.stdout.strip() == "[]"
