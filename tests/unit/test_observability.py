"""What the dashboard and the alarms are fed with."""

import json
import re
from pathlib import Path

import pytest

from coursewright.observability import NAMESPACE, identifiers, measure
from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
RESOURCES = load_template(ROOT / "template.yaml")["Resources"]
STATUSES = {"Published", "Rejected", "Expired", "NothingToReview"}


def measured_names() -> set[str]:
    """Give every metric's name that the code writes."""
    sources = [*ROOT.glob("functions/*/app.py"), *ROOT.glob("layers/coursewright/**/steps/*.py")]
    found = {
        name
        for one in sources
        for name in re.findall(r'measure\(\s*"(\w+)"', one.read_text("utf-8"))
    }
    return found | STATUSES


def test_a_figure_is_written_in_cloudwatchs_embedded_format(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_NAME", "a-stack")

    measure("DraftVerified", 1)

    (line,) = capsys.readouterr().out.strip().splitlines()
    written = json.loads(line)
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    assert (written["Stack"], written["DraftVerified"]) == ("a-stack", 1)
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [["Stack"]]


def test_a_request_is_logged_by_its_generation_and_never_by_its_link() -> None:
    path = {"generation": "0f3a", "round": "1", "link": "secret"}

    assert identifiers({"pathParameters": path}) == {"generation": "0f3a", "round": "1"}
    assert identifiers({"pathParameters": None, "model": "m"}) == {"model": "m"}


def test_alarms_and_dashboard_watch_figures_that_are_written() -> None:
    alarms = {
        one["Properties"]["MetricName"]
        for one in RESOURCES.values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
        and one["Properties"].get("Namespace") == NAMESPACE
    }
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = set(re.findall(rf'"{NAMESPACE}", "(\w+)"', body))

    assert {"SweeperFinds", "DraftVerified"} <= alarms
    assert {"SpentUsd", "AssignmentsApproved", "ReviewWaitSeconds"} | STATUSES <= shown
    assert alarms | shown <= measured_names()
    assert len(json.loads(body)["widgets"]) >= 4


@pytest.mark.parametrize(
    "alarm",
    [
        "RunsFailedAlarm",
        "RunsTimedOutAlarm",
        "StartFailedAlarm",
        "SweeperFoundAlarm",
        "SpendAlarm",
        "VerificationFallsAlarm",
    ],
)
def test_an_alarm_reaches_the_operators(alarm: str) -> None:
    properties = RESOURCES[alarm]["Properties"]

    assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert properties["AlarmDescription"]
    assert properties["TreatMissingData"] == "notBreaching"


def test_every_function_is_traced_and_every_run() -> None:
    template = load_template(ROOT / "template.yaml")

    assert template["Globals"]["Function"]["Tracing"] == "Active"
    assert RESOURCES["AuthorAssignments"]["Properties"]["Tracing"] == {"Enabled": True}
