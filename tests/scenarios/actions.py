"""Actions shared by several scenarios."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.client import BaseClient

from coursewright import wiring
from local.reviewer import Reviewer
from tests.workflow.conftest import Workflow

QUICK, CAREFUL, SLOPPY = (
    "openai:practice-quick",
    "openai:practice-careful",
    "openai:practice-sloppy",
)
Call = Callable[[str, dict[str, Any]], Any]


def approve_all(workflow: Workflow, *, mails: int = 1) -> Reviewer:
    """Approve all publishable drafts through the link in the n-th email."""
    reviewer = workflow.reviewer(mails=mails)
    form = reviewer.open()
    reviewer.decide(form, "approved", approve=form.publishable)
    return reviewer


def failed_state(workflow: Workflow) -> str:
    """Return the innermost state in which an execution failed."""
    entered: list[str] = []
    for event in workflow.history():
        if "stateEnteredEventDetails" in event:
            entered.append(event["stateEnteredEventDetails"]["name"])
        if "stateExitedEventDetails" in event:
            entered.remove(event["stateExitedEventDetails"]["name"])
    return entered[-1]


def register(text: str) -> None:
    """Add models to the registry, like an operator."""
    ssm = boto3.client("ssm")
    known = ssm.get_parameter(Name="models")["Parameter"]["Value"]
    ssm.put_parameter(Name="models", Value=f"{known}\n{text}", Type="String", Overwrite=True)
    wiring.parameters.cache_clear()  # as if half a minute had passed


def disable(model: str) -> None:
    """Disable a model, like an operator."""
    ssm = boto3.client("ssm")
    known = ssm.get_parameter(Name="models")["Parameter"]["Value"]
    line = f'id = "{model}"'
    text = known.replace(line, f"{line}\ndisabled = true")
    ssm.put_parameter(Name="models", Value=text, Type="String", Overwrite=True)
    wiring.parameters.cache_clear()  # as if half a minute had passed


def registry_entry(model: str, url: str) -> str:
    """Return a registry entry for a model on an OpenAI-compatible server."""
    provider, _, name = model.partition(":")
    return f"""
[[models]]
id = "{model}"
label = "{name}"
group = "Tests"
provider = "{provider}"
name = "{name}"
tool_calling = true
base_url = "{url}"
key = ""
"""


@contextmanager
def around_aws(meddle: Callable[[str, dict[str, Any], Callable[[], Any]], Any]) -> Iterator[None]:
    """Pass all AWS client calls in the block through `meddle`, which can make the real call."""
    plain = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        return meddle(operation, parameters, lambda: plain(self, operation, parameters))

    BaseClient._make_api_call = call  # type: ignore[attr-defined]
    try:
        yield
    finally:
        BaseClient._make_api_call = plain  # type: ignore[attr-defined]
