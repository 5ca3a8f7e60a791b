"""Everything that is kept has an end, or is kept on purpose until somebody asks to forget it."""

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
UNTIL_FORGOTTEN = {"lessons", "bodies", "publications"}
LEDGER_DAYS = answers.KEPT_DAYS


def lifetimes() -> dict[str, Any]:
    """Return the days after which the objects of a folder end: a number, or its parameter."""
    ends = (one for one in RULES if "ExpirationInDays" in one)
    return {one["Prefix"].rstrip("/"): one["ExpirationInDays"] for one in ends}


def written() -> set[str]:
    """Return the folders of the bucket that some role may write into."""
    text = (ROOT / "template.yaml").read_text("utf-8")
    return set(re.findall(r"\$\{ContentBucket\.Arn\}/([a-z]+)/\*", text))


def test_every_folder_of_the_bucket_ends_or_is_kept_until_somebody_asks() -> None:
    assert written() == set(lifetimes()) | UNTIL_FORGOTTEN
    assert not set(lifetimes()) & UNTIL_FORGOTTEN


@pytest.mark.parametrize(
    ("folder", "parameter"),
    [
        ("answers", "AnswerRetentionDays"),
        ("prompts", "PromptRetentionDays"),
        ("uploads", "UploadRetentionDays"),
    ],
)
def test_operators_say_how_long_texts_are_kept(folder: str, parameter: str) -> None:
    assert lifetimes()[folder] == {"Ref": parameter}
    assert TEMPLATE["Parameters"][parameter]["MinValue"] == 1


@pytest.mark.parametrize("parameter", ["AnswerRetentionDays", "PromptRetentionDays"])
def test_no_text_of_a_call_outlives_the_record_that_says_whose_it_is(parameter: str) -> None:
    assert TEMPLATE["Parameters"][parameter]["MaxValue"] <= LEDGER_DAYS


@pytest.mark.parametrize("days", [LEDGER_DAYS, email.SENT_DAYS])
def test_what_keeps_a_redrive_from_paying_or_mailing_twice_outlives_every_run(days: int) -> None:
    assert days > MAX_EXECUTION_DURATION.days


def test_a_courses_budget_is_kept_as_long_as_its_runs_need_it() -> None:
    assert budget.COURSE_BUDGET_DAYS >= 90  # as long as Step Functions knows an execution's name


def test_what_was_deleted_by_mistake_can_be_had_back_for_a_month_and_no_longer() -> None:
    (old,) = [one for one in RULES if "NoncurrentVersionExpiration" in one]

    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}
    assert old["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
