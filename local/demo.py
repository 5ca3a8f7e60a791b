"""The whole story, unattended: two lessons, a review each, and an outage that is redriven."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local import demo_flow
from local.console import Teller
from local.demo_flow import StoryBroken
from local.execution_events import ending, events_so_far
from local.mailbox import Mail
from local.stack import ROOT, RunningLaptop, running

LESSONS = ("python_loops.json", "sql_joins.json")
BROKEN_MODEL = "practice-careful"
BROKEN_TOOL = "save_solution"


def sample_event(name: str) -> dict[str, Any]:
    """Return one of the sample events."""
    return read_event(ROOT / "events" / "module_published" / name)


def read_event(path: Path) -> dict[str, Any]:
    """Read an event from a file.

    Raises: StoryBroken says which file is no event.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoryBroken(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise StoryBroken(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict) or not {"source", "detail-type", "detail"} <= set(content):
        raise StoryBroken(f"{path} is no event: source, detail-type and detail are needed")
    if not isinstance(content["detail"], dict):
        raise StoryBroken(f"{path} is no event: its detail is no object")
    return content


def tell_everything(teller: Teller, *, reject: bool = False) -> None:
    """Tell both sample lessons with the practice models, then break and redrive a run."""
    with running() as cloud:
        _announce(teller, cloud)
        for name in LESSONS:
            tell_lesson(teller, cloud, sample_event(name), reject=reject)
        if not reject:
            tell_outage(teller, cloud)
    teller.say("All of it happened.", "bold green")


def tell_event(
    teller: Teller,
    path: Path,
    *,
    models: Sequence[str] = (),
    base_url: str = "",
    reject: bool = False,
) -> None:
    """Tell one event's story, on real models if any are named."""
    event = read_event(path)
    if models:
        event["detail"]["brief"] = event["detail"].get("brief", {}) | {"models": list(models)}
    keys = usable_keys(models, base_url)
    with running(
        models=registry_text(models, base_url), keys=keys, wait_scale=1.0 if models else 0.002
    ) as cloud:
        _announce(teller, cloud)
        tell_lesson(teller, cloud, event, reject=reject)
    teller.say("All of it happened.", "bold green")


def tell_lesson(
    teller: Teller, cloud: RunningLaptop, event: Mapping[str, Any], *, reject: bool
) -> None:
    """Tell a lesson from its event to its published assignments."""
    laptop = cloud.laptop
    teller.headline(f"A lesson is published: {demo_flow.title(event['detail'])}")
    mails_before = len(laptop.mails())
    chapter = demo_flow.publish(laptop, event, teller)
    mail = demo_flow.follow(laptop, chapter, teller, mails_before=mails_before)
    if not isinstance(mail, Mail):
        demo_flow.require_success(mail)
        raise StoryBroken("the execution ended without a review")
    reviewers = len(set(event["detail"].get("reviewers", ()))) or 1
    seen = events_so_far(laptop, chapter.execution)
    demo_flow.review(laptop, chapter, mail, teller, reject=reject)
    end = demo_flow.finish(
        laptop, chapter, teller, seen=seen, mails_before=mails_before + reviewers
    )
    expected = "rejected" if reject else "published"
    if end.output.get("status") != expected:
        raise StoryBroken(f"the generation ended as {end.output}, not as {expected}")
    if not reject:
        demo_flow.receive(laptop, teller)
    teller.say(f"Generation {chapter.generation} is {expected}", "green")


def tell_outage(teller: Teller, cloud: RunningLaptop) -> None:
    """Break a model in the middle of a run, redrive it, and count what was paid."""
    laptop, practice = cloud.laptop, cloud.practice
    teller.headline("A model breaks in the middle of a run, and an operator redrives it")
    event = sample_event(LESSONS[0])
    event["detail"] |= {"request_id": "staged outage"}
    models = ["openai:practice-quick", f"openai:{BROKEN_MODEL}"]
    event["detail"]["brief"] |= {"tasks_count": 2, "models": models}
    practice.start_outage(BROKEN_MODEL, tool=BROKEN_TOOL)
    first = len(practice.calls)
    mails_before = len(laptop.mails())
    chapter = demo_flow.publish(laptop, event, teller)
    demo_flow.follow(laptop, chapter, teller, mails_before=mails_before)
    end = ending(laptop, chapter.execution)
    if end.status != "FAILED":
        raise StoryBroken(f"the outage did not stop the run: it is {end.status}")
    teller.say(f"The execution is FAILED at {demo_flow.words(end)}", "red")
    paid_before = _paid(cloud, first)
    teller.say(f"Paid so far: {len(paid_before)} model calls")
    practice.end_outages()
    seen = events_so_far(laptop, chapter.execution)
    laptop.client("stepfunctions").redrive_execution(executionArn=chapter.execution)
    teller.say("The provider is back; the operator presses Redrive", "green")
    mail = demo_flow.follow(laptop, chapter, teller, seen=seen, mails_before=mails_before)
    if not isinstance(mail, Mail):
        raise StoryBroken(f"the redriven run is {mail.status} at {demo_flow.words(mail)}")
    paid = _paid(cloud, first)
    repeated = sum(times - 1 for times in Counter(paid).values())
    teller.say(
        f"Model calls: {len(paid_before)} before the redrive, {len(paid) - len(paid_before)} after"
        f" it, {repeated} repeated",
        "bold green" if repeated == 0 else "bold red",
    )
    if repeated:
        raise StoryBroken(f"{repeated} model calls were paid twice")
    seen = events_so_far(laptop, chapter.execution)
    demo_flow.review(laptop, chapter, mail, teller, reject=True)
    demo_flow.finish(laptop, chapter, teller, seen=seen, mails_before=mails_before + 1)


def _paid(cloud: RunningLaptop, first: int) -> list[str]:
    """Return the prompts of all calls that were answered, and so billed, since the first."""
    return [call.prompt_sha256 for call in cloud.practice.calls[first:] if call.status == 200]


def _announce(teller: Teller, cloud: RunningLaptop) -> None:
    resources = len(cloud.stack.resources)
    teller.say(f"Cloud up at {cloud.laptop.endpoint_url}; review pages at {cloud.laptop.site_url}")
    teller.say(f"template.yaml deployed: {resources} resources")
    teller.say("Practice models answer for the sample lessons; they are no language models")


def registry_text(models: Sequence[str], base_url: str) -> str:
    """Register models that a proxy serves; without a base URL the registry is left as it is."""
    if not base_url:
        return ""
    return "\n".join(_registered(model, base_url) for model in models if not _practice(model))


def _registered(model: str, base_url: str) -> str:
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


def usable_keys(models: Sequence[str], base_url: str) -> dict[str, str]:
    """Take the providers' keys from the environment.

    Raises: StoryBroken names the variable that is missing, before anything starts.
    """
    from coursewright.agents.model_registry import load_registry
    from coursewright.domain.errors import ModelDisabled, ModelNotUsable

    registry = load_registry(registry_text(models, base_url))
    keys = {}
    for model in models:
        if _practice(model):
            continue
        try:
            name = registry.get(model).key
        except (ModelNotUsable, ModelDisabled) as error:
            raise StoryBroken(str(error)) from error
        if not name:
            continue
        if not os.environ.get(name):
            raise StoryBroken(f"{model} needs a key: set the environment variable {name}")
        keys[name] = os.environ[name]
    return keys


def _practice(model: str) -> bool:
    return model.startswith("openai:practice-")
