"""Tests the deployed template end to end: the steps of `make demo`, and ways they can fail."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from local import demo, league
from local.console import DemoConsole
from local.demo_flow import DemoFailed
from local.evaluate import run_briefs
from local.running_stack import RunningStack, running_stack
from local.stack import ROOT
from tests.fakes.exercise_server import ExerciseServer
from tests.fakes.formats import ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion

MODEL = "openai:any"
QUICK = "openai:practice-quick"


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud:
        yield cloud


@pytest.fixture
def console() -> DemoConsole:
    return DemoConsole(Console(file=io.StringIO(), width=120))


def printed(console: DemoConsole) -> str:
    assert isinstance(console.output.file, io.StringIO)
    return console.output.file.getvalue()


def shown(tables: list[Table]) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(*tables)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def small(name: str = "python_loops.json", **brief: Any) -> dict[str, Any]:
    event = demo.sample_event(name)
    event["detail"]["brief"] |= {"tasks_count": 2, "models": ["openai:practice-quick"]} | brief
    return event


def served_by(url: str, cloud: RunningStack) -> dict[str, Any]:
    cloud.register_models(demo.registry_text([MODEL], url))
    return small(models=[MODEL])


def test_the_laptop_deploys_the_template_for_aws(cloud: RunningStack) -> None:
    deployed = cloud.stack.client("cloudformation").get_template(
        StackName="coursewright", TemplateStage="Original"
    )

    assert deployed["TemplateBody"] == (ROOT / "template.yaml").read_text(encoding="utf-8")


def test_an_sql_lesson_is_published(cloud: RunningStack, console: DemoConsole) -> None:
    demo.run_lesson(console, cloud, small("sql_joins.json"), reject=False)

    assert "received Assignments Published" in printed(console)
    assert ": published" in printed(console)


def test_models_are_cross_checked_if_the_brief_requests_it(
    cloud: RunningStack, console: DemoConsole
) -> None:
    models = ["openai:practice-careful", "openai:practice-quick"]
    event = small("sql_joins.json", tasks_count=1, models=models, cross_check=True)
    before = len(cloud.practice.calls)

    demo.run_lesson(console, cloud, event, reject=False)

    assert len(cloud.practice.calls) - before == 2 * (1 + 2) + 2
    assert "2 models agree" in printed(console)


def test_a_rejected_lesson_publishes_nothing(cloud: RunningStack, console: DemoConsole) -> None:
    demo.run_lesson(console, cloud, small(), reject=True)

    assert ": rejected" in printed(console)
    assert cloud.stack.received_publications() == []


def test_an_outage_is_redriven_and_nothing_is_paid_twice(
    cloud: RunningStack, console: DemoConsole
) -> None:
    demo.run_outage(console, cloud)

    assert "failed in “Write solution”: ModelUnavailable" in printed(console)
    assert "0 repeated" in printed(console)


def test_a_bad_event_lands_in_the_dead_letter_queue(
    cloud: RunningStack, console: DemoConsole
) -> None:
    calls = len(cloud.practice.calls)

    with pytest.raises(DemoFailed, match=r"EventInvalid: detail\.brief\.tasks_count"):
        demo.run_lesson(console, cloud, small(tasks_count=0), reject=False)

    assert len(cloud.practice.calls) == calls


def test_human_written_exercises_are_published(cloud: RunningStack, console: DemoConsole) -> None:
    with ExerciseServer() as book:
        demo.run_lesson(console, cloud, served_by(book.url, cloud), reject=False)

        assert book.calls == 1 + 2 * 2
    assert "Hamming distance" in printed(console)


EMPTY: dict[str, Any] = {"assignments": []}
BAD: list[tuple[str, ScriptedReply, str, int]] = [
    ("broken JSON", completion(("save_assignments", '{"assignments": [')), "ModelOutputInvalid", 2),
    ("wrong arguments", completion(("save_assignments", EMPTY)), "ModelOutputInvalid", 1),
    ("unknown tool", completion(("publish_everything", {})), "ModelOutputInvalid", 1),
    ("prose", completion(content="Here are five assignments: …"), "ModelOutputInvalid", 1),
    (
        "duplicates",
        completion(("save_assignments", EMPTY), ("save_assignments", EMPTY)),
        "ModelOutputInvalid",
        1,
    ),
    ("refusal", completion(refusal="I cannot help with that."), "ModelRefused", 1),
    ("cut off", completion(content="Here", finish="length"), "ModelOutputInvalid", 1),
]


@pytest.mark.parametrize(
    ("reply", "error", "calls"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_a_failing_server_is_called_once_and_its_error_reported(
    cloud: RunningStack, console: DemoConsole, reply: ScriptedReply, error: str, calls: int
) -> None:
    with ScriptedProvider([reply]) as provider:
        event = served_by(provider.url, cloud)
        event["detail"]["request_id"] = f"{error} {provider.url}"

        with pytest.raises(DemoFailed, match=error):
            demo.run_lesson(console, cloud, event, reject=False)

        assert provider.calls == calls


def test_a_missing_key_is_reported_before_anything_starts(
    console: DemoConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    with pytest.raises(DemoFailed, match="set the environment variable OPENAI_API_KEY"):
        demo.run_event(console, lesson_file(), models=["openai:gpt-5.4-mini"])


def test_an_unknown_model_is_reported_before_anything_starts(console: DemoConsole) -> None:
    with pytest.raises(DemoFailed, match="openai:nobody is not in the registry"):
        demo.run_event(console, lesson_file(), models=["openai:nobody"])


@pytest.mark.parametrize("content", ["[]", "{", '{"source": "courses"}'])
def test_a_file_that_is_not_an_event_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "event.json"
    path.write_text(content)

    with pytest.raises(DemoFailed, match=r"event\.json is n"):
        demo.read_event(path)


def lesson_file() -> Path:
    return ROOT / "events" / "module_published" / "python_loops.json"


def test_models_are_compared_without_any_review(cloud: RunningStack, console: DemoConsole) -> None:
    models = ["openai:practice-quick", "openai:practice-careful"]
    cloud.practice.start_outage("practice-careful", status=404)

    result = run_briefs(cloud.stack, [small()], models, console)

    cloud.practice.end_outages()
    assert [(row.model, row.verified, row.decided) for row in result.rows] == [(models[0], 2, 0)]
    assert [sentence.split(" on ")[0] for sentence in result.failures] == [models[1]]
    assert "ModelNotUsable" in result.failures[0]


def test_the_leaderboard_includes_all_work_and_decisions(
    cloud: RunningStack, console: DemoConsole
) -> None:
    event = small(audience={"level": "advanced"})
    demo.run_lesson(console, cloud, event, reject=False)

    rows = league.read_league(cloud.stack)

    quick = next(row for row in rows if (row.model, row.kind) == (QUICK, "python"))
    assert quick.approved >= 2
    assert quick.micros_per_approved is not None
    assert "approved" in shown(league.league_tables(rows))
