"""The runbook covers every alarm and names tests that exist."""

import re
from pathlib import Path

from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
RUNBOOK = (
    (ROOT / "docs" / "operations.md")
    .read_text("utf-8")
    .partition("## Runbook")[2]
    .partition("\n## ")[0]
)
RESOURCES = load_template(ROOT / "template.yaml")["Resources"]


def test_every_alarm_has_an_entry_and_every_entry_its_alarm() -> None:
    alarms = {
        name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::CloudWatch::Alarm"
    }

    named = set(re.findall(r"`(\w+Alarm)`", RUNBOOK))

    assert named == alarms


def test_every_entry_names_a_test() -> None:
    tests = "".join(path.name + path.read_text("utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    entries = [line for line in RUNBOOK.splitlines() if line.startswith("| ")][1:]

    tried = [re.findall(r"`(test_\w+)`", line.rsplit("|", 2)[1]) for line in entries]

    assert len(entries) >= 10
    assert all(names for names in tried)
    assert [name for names in tried for name in names if name not in tests] == []
