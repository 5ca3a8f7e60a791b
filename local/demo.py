"""The unattended demo: two lessons, each with a review, and an outage followed by a redrive."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local import demo_flow
from local.console import DemoConsole
from local.demo_flow import DemoFailed
from local.execution_events import count_events, summarize_execution
from local.mailbox import SentEmail
from local.running_stack import RunningStack, StoredKey, running_stack
from local.stack import ROOT

LESSONS = ("python_loops.json", "sql_joins.json")
BROKEN_MODEL = "practice-careful"
BROKEN_TOOL = "save_solution"
PRACTICE_WAIT_SCALE = 0.002  # practice models need no time to recover


def sample_event(name: str) -> dict[str, Any]:
    """Return one of the sample `Module Published` events."""
    return read_event(ROOT / "events" / "module_published" / name)


def read_event(path: Path) -> dict[str, Any]:
    """Read an event from a file.

    Raises: DemoFailed if the file cannot be read or is not an event.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DemoFailed(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DemoFailed(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict) or not {"source", "detail-type", "detail"} <= set(content):
        raise DemoFailed(f"{path} is not an event: source, detail-type and detail are required")
    if not isinstance(content["detail"], dict):
        raise DemoFailed(f"{path} is not an event: its detail is not an object")
    return content


def run_demo(console: DemoConsole, *, reject: bool = False) -> None:
    """Run both sample lessons on the practice models, then an outage and its redrive."""
    with running_stack() as cloud:
        _print_introduction(console, cloud)
        for name in LESSONS:
            run_lesson(console, cloud, sample_event(name), reject=reject)
        if not reject:
            run_outage(console, cloud)
    console.print_line("The demo succeeded.", "bold green")


def run_event(
    console: DemoConsole,
    path: Path,
    *,
    models: Sequence[str] = (),
    base_url: str = "",
    reject: bool = False,
) -> None:
    """Run the demo for one event, on the given models or else the practice models."""
    event = read_event(path)
    if models:
        event["detail"]["brief"] = event["detail"].get("brief", {}) | {"models": list(models)}
    keys = usable_keys(models, base_url)
    with running_stack(
        models=registry_text(models, base_url),
        keys=keys,
        wait_scale=1.0 if models else PRACTICE_WAIT_SCALE,
    ) as cloud:
        _print_introduction(console, cloud)
        run_lesson(console, cloud, event, reject=reject)
    console.print_line("The demo succeeded.", "bold green")


def run_lesson(
    console: DemoConsole, cloud: RunningStack, event: Mapping[str, Any], *, reject: bool
) -> None:
    """Run a lesson from its event to its published assignments."""
    stack = cloud.stack
    console.print_heading(f"A lesson is published: {demo_flow.event_title(event['detail'])}")
    mails_before = len(stack.mails())
    started = demo_flow.publish(stack, event, console)
    mail = demo_flow.follow(stack, started, console, mails_before=mails_before)
    if not isinstance(mail, SentEmail):
        demo_flow.require_success(mail)
        raise DemoFailed("the execution finished without a review")
    reviewers = len(set(event["detail"].get("reviewers", ()))) or 1
    seen = count_events(stack, started.execution)
    demo_flow.review(stack, started, mail, console, reject=reject)
    end = demo_flow.finish(
        stack, started, console, seen=seen, mails_before=mails_before + reviewers
    )
    expected = "rejected" if reject else "published"
    if end.output.get("status") != expected:
        raise DemoFailed(f"the generation should be {expected} but ended with {end.output}")
    if not reject:
        demo_flow.receive(stack, console)
    console.print_line(f"Generation {started.generation}: {expected}", "green")


def run_outage(console: DemoConsole, cloud: RunningStack) -> None:
    """Simulate an outage during an execution, redrive it, and compare the paid calls."""
    stack, practice = cloud.stack, cloud.practice
    console.print_heading("A model fails during an execution, and an operator redrives it")
    event = sample_event(LESSONS[0])
    event["detail"] |= {"request_id": "simulated outage"}
    models = ["openai:practice-quick", f"openai:{BROKEN_MODEL}"]
    event["detail"]["brief"] |= {"tasks_count": 2, "models": models}
    practice.start_outage(BROKEN_MODEL, tool=BROKEN_TOOL)
    first_call, mails_before = len(practice.calls), len(stack.mails())
    started = demo_flow.publish(stack, event, console)
    demo_flow.follow(stack, started, console, mails_before=mails_before)
    end = summarize_execution(stack, started.execution)
    if end.status != "FAILED":
        raise DemoFailed(f"the outage did not stop the execution, whose status is {end.status}")
    console.print_line(f"The execution failed in {demo_flow.failure_text(end)}", "red")
    paid_before = _paid_prompts(cloud, first_call)
    console.print_line(f"Paid so far: {len(paid_before)} model calls")
    practice.end_outages()
    seen = count_events(stack, started.execution)
    stack.client("stepfunctions").redrive_execution(executionArn=started.execution)
    console.print_line("The provider is back; the operator redrives the execution", "green")
    mail = demo_flow.follow(stack, started, console, seen=seen, mails_before=mails_before)
    if not isinstance(mail, SentEmail):
        raise DemoFailed(
            f"after the redrive, the execution is {mail.status} in {demo_flow.failure_text(mail)}"
        )
    _require_no_repetition(console, paid_before, _paid_prompts(cloud, first_call))
    seen = count_events(stack, started.execution)
    demo_flow.review(stack, started, mail, console, reject=True)
    demo_flow.finish(stack, started, console, seen=seen, mails_before=mails_before + 1)


def _require_no_repetition(
    console: DemoConsole, paid_before: Sequence[str], paid: Sequence[str]
) -> None:
    repeated = sum(times - 1 for times in Counter(paid).values())
    console.print_line(
        f"Model calls: {len(paid_before)} before the redrive, {len(paid) - len(paid_before)} after"
        f" it, {repeated} repeated",
        "bold green" if repeated == 0 else "bold red",
    )
    if repeated:
        raise DemoFailed(f"{repeated} model calls were paid for twice")


def _paid_prompts(cloud: RunningStack, first_call: int) -> list[str]:
    """Return the prompt checksums of all answered (and therefore billed) calls from an index on."""
    calls = cloud.practice.calls[first_call:]
    return [call.prompt_sha256 for call in calls if call.status == 200]


def _print_introduction(console: DemoConsole, cloud: RunningStack) -> None:
    stack, resources = cloud.stack, len(cloud.deployment.resources)
    console.print_line(f"Cloud running at {stack.endpoint_url}; review pages at {stack.site_url}")
    console.print_line(f"template.yaml deployed: {resources} resources")
    console.print_line("The drafts are written by practice models, which are not language models")


def registry_text(models: Sequence[str], base_url: str) -> str:
    """Return registry text for models behind a base URL, or nothing without a base URL."""
    if not base_url:
        return ""
    return "\n".join(
        _registry_entry(model, base_url) for model in models if not _is_practice(model)
    )


def _registry_entry(model: str, base_url: str) -> str:
    name = model.partition(":")[2]
    fields = {
        "id": model,
        "label": name,
        "group": "Models behind --base-url",
        "provider": "openai",
        "name": name,
        "base_url": base_url,
        "key": "OPENAI_API_KEY" if os.environ.get("OPENAI_API_KEY") else "",
    }
    lines = [f"{field} = {json.dumps(value)}" for field, value in fields.items()]
    return "\n".join(["[[models]]", *lines, "tool_calling = true", ""])


def usable_keys(models: Sequence[str], base_url: str) -> dict[str, StoredKey]:
    """Return the provider keys that the models need, read from the environment.

    A base URL's host may receive the key: the operator names both on purpose.

    Raises: DemoFailed if a model is unknown or its variable is not set.
    """
    from coursewright.agents.model_registry import load_registry
    from coursewright.domain.errors import ModelDisabled, ModelNotUsable

    registry = load_registry(registry_text(models, base_url))
    keys: dict[str, StoredKey] = {}
    for model in models:
        if _is_practice(model):
            continue
        try:
            entry = registry.get(model)
        except (ModelNotUsable, ModelDisabled) as error:
            raise DemoFailed(str(error)) from error
        if not entry.key:
            continue
        value = os.environ.get(entry.key)
        if not value:
            raise DemoFailed(f"{model} needs a key: set the environment variable {entry.key}")
        keys[entry.key] = {"value": value, "hosts": [entry.host]} if base_url else value
    return keys


def _is_practice(model: str) -> bool:
    return model.startswith("openai:practice-")
