"""Records one generation that invokes every function on moto, for the benchmarks to replay.

`python -m tests.benchmarks.recorded_run typical|largest FILE` writes the recording; `recorded` runs
that command.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.layers import ROOT, fingerprint, functions
from tests.benchmarks.recorder import Recorded, Recorder, Recording

ENVIRONMENT = {
    "LIST_MODELS_FUNCTION": "list_models",
    "EXPORT_ASSIGNMENTS_FUNCTION": "export_assignments",
    "VERIFY_EDIT_FUNCTION": "verify_edit",
    "CHAT_SECRET": "chat",
    "EVENT_BUS": "default",
    "REVIEW_TIMEOUT_SECONDS": "604800",  # the replay may take place days later
    "AUTHORING_URL": "https://authoring.example.edu",
    "MONTHLY_BUDGET_USD": "100000",
    "GENERATION_BUDGET_USD": "100000",
    "DAILY_SPEND_USD": "100000",
    "DEFAULT_MODELS": "openai:practice-quick",
    "DEFAULT_REVIEWERS": "ada@example.edu",
}
MADE_OF = (
    "functions",
    "events",
    "statemachine",
    "layers/coursewright",
    "local/practice",
    "tests/workflow/conftest.py",
    "tests/benchmarks/largest.py",
    "tests/benchmarks/recorder.py",
    "tests/benchmarks/recorded_run.py",
    "tests/benchmarks/visits.py",
)
VISITED = (  # functions that people call, and functions that others invoke
    "start_generation",
    "check_code",
    "show_review",
    "decide_review",
    "edit_draft",
    "verify_edit",
    "invite_reviewer",
    "erase_reviewer",
    "erase_course",
)
NOT_RECORDED = ("sign_in_author",)  # needs an issuer, which the laptop cloud lacks
SAMPLES = (  # functions outside the workflow, each with a sample event
    ("sweep_reviews", "schedule"),
    ("sweep_generations", "schedule"),
    ("list_models", "any"),
    ("show_authoring", "list"),
    ("show_authoring", "form"),
    ("show_authoring", "generation"),
    ("request_generation", "start"),
    ("export_assignments", "moodle"),
    ("request_export", "moodle"),
    ("report_failure", "failed"),
    ("notify_chat", "review_waiting"),
    ("expire_review", "silence"),
)
PROVIDERS = {  # their clients derive capabilities from the name
    "bedrock": "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic": "claude-sonnet-4-5",
    "google": "gemini-2.5-pro",
}
SOLUTION = {"code": "def total(numbers):\n    return sum(numbers)\n", "explanation": "It adds."}


@cache
def recorded(kind: str) -> Recording:
    """Return a recording, made in a separate process at most once a day per code version."""
    out = ROOT / "build" / "bench" / f"recording-{kind}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    stamp = out.with_suffix(".made-of")
    made_of = f"{datetime.now(UTC).date()} {fingerprint(ROOT / place for place in MADE_OF)}"
    if not out.exists() or not stamp.exists() or stamp.read_text("utf-8") != made_of:
        subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.recorded_run", kind, out],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        stamp.write_text(made_of, "utf-8")
    return Recording.model_validate_json(out.read_text("utf-8"))


def record(kind: str) -> Recording:
    """Record a typical generation or the largest allowed."""
    import tests.conftest

    os.environ.update(tests.conftest.AWS_ENVIRONMENT)
    import boto3

    from local.practice.server import PracticeServer
    from tests import aws
    from tests.benchmarks.largest import LargestAuthor, play_largest
    from tests.unit.adapters.test_notifications import channel
    from tests.workflow import conftest, moto_engine

    moto_engine.patch_moto()
    os.environ.update(ENVIRONMENT)
    conftest.ENVIRONMENT.update(ENVIRONMENT)
    author = LargestAuthor() if kind == "largest" else PracticeServer(latency_factor=0)
    with author, channel() as (chat, _), aws.storage(), Recorder().recording() as recorder:
        boto3.client("secretsmanager").create_secret(Name="chat", SecretString=chat)
        os.environ["ALARM_TOPIC"] = boto3.client("sns").create_topic(Name="alarms")["TopicArn"]
        workflow = conftest.Workflow(author)
        record_run = play_largest if kind == "largest" else _record_typical
        addresses = [author.url, *record_run(workflow, recorder), chat]
        names = {*conftest.ENVIRONMENT, "ALARM_TOPIC", "STATE_MACHINE_ARN"}
        environment = {name: os.environ[name] for name in names}
        hosts = ["{0.scheme}://{0.netloc}".format(urlsplit(address)) for address in addresses]
        return Recording(environment=environment, providers=hosts, runs=recorder.runs)


def missing(runs: Iterable[Recorded]) -> set[str]:
    """Return the template's functions that should have been invoked but were not."""
    return set(functions()) - {run.name for run in runs} - set(NOT_RECORDED)


def _record_typical(workflow: Any, recorder: Recorder) -> list[str]:
    """Invoke every function; return the addresses of the other providers."""
    from tests.benchmarks.visits import erase_everything
    from tests.fakes.provider import ScriptedProvider, completion

    event = _typical_event(workflow)
    _publish(workflow, event)
    _visit_pages(workflow, event)
    with ScriptedProvider([completion(("save_solution", SOLUTION))]) as scripted:
        _call_other_providers(workflow, recorder, scripted)
    erase_everything(event)
    if unmet := missing(recorder.runs.values()):
        raise LookupError(f"functions missing from the recording: {', '.join(sorted(unmet))}")
    return [scripted.url]


def _typical_event(workflow: Any) -> dict[str, Any]:
    models = ["openai:practice-quick", "openai:practice-careful"]
    event: dict[str, Any] = workflow.event(
        tasks_count=2, models=models, hints=True, cross_check=True
    )
    return event


def _publish(workflow: Any, event: dict[str, Any]) -> None:
    """Run a generation from its event to publication."""
    from tests.benchmarks.visits import browser

    workflow.publish(event)
    reviewer = browser(workflow, seconds=600)
    form = reviewer.open()
    reviewer.decide(form, "approved", approve=form.publishable, notes="Well done. " * 5)
    workflow.wait(seconds=600)
    workflow.output()


def _visit_pages(workflow: Any, event: dict[str, Any]) -> None:
    """Invoke functions outside the workflow while a second generation awaits its review."""
    from tests.benchmarks.visits import browser
    from tests.workflow import moto_engine

    ended = workflow.execution
    again = event | {"detail": event["detail"] | {"request_id": "once more"}}
    started = workflow.publish(again)
    reviewer = browser(workflow, mails=2, seconds=600)
    reviewer.edit(reviewer.open(), 1, name="Another name")
    reviewer.invite(reviewer.open())
    for function, name in SAMPLES:
        text = (ROOT / "events" / function / f"{name}.json").read_text("utf-8")
        text = text.replace("3f9c1b7a2d4e5f60", started["generation"])
        moto_engine.run_function(function, _adapted(json.loads(text), function, ended, event))


def _adapted(sample: Any, function: str, ended: str, event: dict[str, Any]) -> Any:
    """Adapt a sample event to the recorded generation."""
    detail = event["detail"]
    if function == "export_assignments":
        return sample | {"names": [f"{detail['course']['id']}/{detail['module']['id']}"]}
    if function == "report_failure":
        return sample | {"detail": sample["detail"] | {"executionArn": ended}}
    return sample


def _call_other_providers(workflow: Any, recorder: Recorder, provider: Any) -> None:
    """Invoke the same agent with the other providers' clients and wire formats."""
    from coursewright import wiring
    from tests.workflow import moto_engine

    generation = workflow.execution[-16:]
    workflow._put_models(lambda text: text + _entries(provider.url))
    own = wiring.drafts().of_round(generation, 1)[0]
    for name in PROVIDERS:
        model, recorder.beside = f"{name}:scripted", f" on {name}"
        draft = own.model_copy(update={"draft": f"{model}/r1/d1", "model": model})
        wiring.drafts().save_drafts((draft,))
        task = {"generation": generation, "round": 1, "model": model, "draft": draft.draft}
        moto_engine.run_function("write_solution", task | {"attempt": 0})
    recorder.beside = ""


def _entries(url: str) -> str:
    entry = """
[[models]]
id = "{provider}:scripted"
label = "Scripted"
group = "Scripted"
provider = "{provider}"
name = "{name}"
tool_calling = true
base_url = "{url}"
"""
    return "".join(
        entry.format(provider=provider, name=name, url=url) for provider, name in PROVIDERS.items()
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(record(sys.argv[1]).model_dump_json(), "utf-8")
    os._exit(0)  # the second generation is still waiting for its reviewer
