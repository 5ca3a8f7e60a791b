"""All stored data expires or is deliberately kept until it is erased."""

import re
from pathlib import Path
from typing import Any

import pytest

from coursewright.adapters import answers, budget, email
from coursewright.domain.generation import MAX_EXECUTION_DURATION
from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
TEMPLATE = load_template(ROOT / "template.yaml")
BUCKET = TEMPLATE["Resources"]["ContentBucket"]["Properties"]
RULES: list[dict[str, Any]] = BUCKET["LifecycleConfiguration"]["Rules"]
UNTIL_ERASURE = {"lessons", "bodies", "publications"}
LEDGER_DAYS = answers.RETENTION_DAYS


def lifetimes() -> dict[str, Any]:
    """Return how many days each folder's objects are kept: a number, or a parameter."""
    ends = (rule for rule in RULES if "ExpirationInDays" in rule)
    return {rule["Prefix"].rstrip("/"): rule["ExpirationInDays"] for rule in ends}


def written() -> set[str]:
    """Return the bucket's folders that any role can write to."""
    text = (ROOT / "template.yaml").read_text("utf-8")
    return set(re.findall(r"\$\{ContentBucket\.Arn\}/([a-z]+)/\*", text))


def test_every_folder_of_the_bucket_expires_or_is_kept_until_erasure() -> None:
    assert written() == set(lifetimes()) | UNTIL_ERASURE
    assert not set(lifetimes()) & UNTIL_ERASURE


@pytest.mark.parametrize(
    ("folder", "parameter"),
    [
        ("answers", "AnswerRetentionDays"),
        ("prompts", "PromptRetentionDays"),
        ("uploads", "UploadRetentionDays"),
    ],
)
def test_operators_set_how_long_texts_are_kept(folder: str, parameter: str) -> None:
    assert lifetimes()[folder] == {"Ref": parameter}
    assert TEMPLATE["Parameters"][parameter]["MinValue"] == 1


@pytest.mark.parametrize("parameter", ["AnswerRetentionDays", "PromptRetentionDays"])
def test_no_text_outlives_the_ledger_record_that_names_its_course(parameter: str) -> None:
    assert TEMPLATE["Parameters"][parameter]["MaxValue"] <= LEDGER_DAYS


@pytest.mark.parametrize("days", [LEDGER_DAYS, email.SENT_DAYS])
def test_records_that_make_a_redrive_safe_outlive_every_execution(days: int) -> None:
    assert days > MAX_EXECUTION_DURATION.days


def test_a_course_budget_outlives_its_executions() -> None:
    # Step Functions remembers an execution's name for this long.
    assert budget.COURSE_BUDGET_DAYS >= 90


def test_deleted_objects_can_be_restored_for_thirty_days() -> None:
    (old,) = [rule for rule in RULES if "NoncurrentVersionExpiration" in rule]

    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}
    assert old["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
