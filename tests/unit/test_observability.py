"""Logs and metrics contain what the dashboard and the alarms need."""

import ast
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from coursewright.observability import NAMESPACE, identifiers, logged, logger, measure
from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
RESOURCES = load_template(ROOT / "template.yaml")["Resources"]
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/app.py"))
CONTEXT = SimpleNamespace(
    function_name="any_function",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:any_function",
    aws_request_id="request-1",
)
SANDBOX = "check_code"  # runs untrusted code, and is given no names
STATUSES = {"Published", "Rejected", "Expired", "NothingToReview"}


def measured_names() -> set[str]:
    """Return the names of all metrics that the code writes."""
    sources = [
        *ROOT.glob("functions/*/app.py"),
        *ROOT.glob("layers/coursewright/coursewright/[sw][te][eb]*/*.py"),
    ]
    found = {
        name
        for source in sources
        for name in re.findall(r'measure\(\s*"(\w+)"', source.read_text("utf-8"))
    }
    return found | STATUSES


def test_a_metric_is_written_in_the_embedded_format(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_NAME", "a-stack")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "coursewright")

    measure("DraftVerified", 1)

    (line,) = capsys.readouterr().out.strip().splitlines()
    written = json.loads(line)
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    assert (written["Stack"], written["DraftVerified"]) == ("a-stack", [1])
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [["Stack"]]
    assert directive["Metrics"] == [{"Name": "DraftVerified", "Unit": "Count"}]


def test_a_request_is_logged_by_its_generation_and_never_by_its_link() -> None:
    path = {"generation": "0f3a", "round": "1", "link": "secret"}

    assert identifiers({"pathParameters": path}) == {"generation": "0f3a", "round": "1"}
    assert identifiers({"pathParameters": None, "model": "m"}) == {"model": "m"}


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != SANDBOX])
def test_every_function_logs_each_line_with_what_it_works_on(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    source = ast.parse((ROOT / "functions" / function / "app.py").read_text("utf-8"))
    (handler,) = [node for node in source.body if getattr(node, "name", "") == "handler"]
    events = [
        json.loads(path.read_text("utf-8")) for path in sorted(ROOT.glob(f"events/{function}/*"))
    ]

    for event in events:
        logged(lambda event, context: logger.info("in_between"))(event, CONTEXT)

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    wanted = [identifiers(event) for event in events for _ in ("in_between", "step_done")]
    assert [getattr(decorator, "id", "") for decorator in handler.decorator_list] == ["logged"]  # type: ignore[attr-defined]
    assert [
        {name: entry[name] for name in of} for entry, of in zip(lines, wanted, strict=True)
    ] == wanted
    assert all(entry["service"] == "coursewright" for entry in lines)
    assert all(entry["function_request_id"] == CONTEXT.aws_request_id for entry in lines)


def test_an_invocation_logs_no_identifier_of_the_previous_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    handler = logged(lambda event, context: None)

    handler({"generation": "0f3a", "draft": "a/r1/d1"}, CONTEXT)
    handler({"model": "a"}, CONTEXT)

    second = json.loads(written.getvalue().splitlines()[1])
    assert second["model"] == "a"
    assert not {"generation", "draft"} & set(second)


@pytest.mark.parametrize(
    "function", ["write_tests", "write_solution", "verify_draft", "solve_draft"]
)
def test_steps_on_a_draft_log_generation_model_and_draft(function: str) -> None:
    events = [json.loads(path.read_text("utf-8")) for path in ROOT.glob(f"events/{function}/*")]

    assert events
    assert all({"generation", "draft"} <= set(identifiers(event)) for event in events)


def test_alarms_and_dashboard_use_metrics_that_are_written() -> None:
    alarms = {
        resource["Properties"]["MetricName"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and resource["Properties"].get("Namespace") == NAMESPACE
    }
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = set(re.findall(rf'"{NAMESPACE}", "(\w+)"', body))

    assert {"SweeperRepairs", "DraftVerified"} <= alarms
    assert {"SpentUsd", "AssignmentsApproved", "ReviewWaitSeconds"} | STATUSES <= shown
    assert alarms | shown <= measured_names()
    assert len(json.loads(body)["widgets"]) >= 4


@pytest.mark.parametrize(
    "alarm",
    [
        "ExecutionsFailedAlarm",
        "ExecutionsTimedOutAlarm",
        "StartFailedAlarm",
        "SweeperRepairsAlarm",
        "DailySpendAlarm",
        "LowVerificationRateAlarm",
    ],
)
def test_an_alarm_reaches_the_operators(alarm: str) -> None:
    properties = RESOURCES[alarm]["Properties"]

    assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert properties["AlarmDescription"]
    assert properties["TreatMissingData"] == "notBreaching"


def test_nothing_is_traced() -> None:
    template = load_template(ROOT / "template.yaml")

    assert "Tracing" not in template["Globals"]["Function"]
    traced = [name for name, resource in RESOURCES.items() if "Tracing" in str(resource)]
    assert traced == []
