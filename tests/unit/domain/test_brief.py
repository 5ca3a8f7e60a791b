"""A brief's options are off by default and keep an execution within its history limit."""

import pytest
from pydantic import ValidationError

from coursewright.domain.brief import BriefDefaults, Kind, RequestedBrief

DEFAULTS = BriefDefaults(tasks_count=5, models=("openai:a",), language="en", reviewers=())
MODELS = [f"openai:m{number}" for number in range(6)]


def test_models_do_not_check_each_other_unless_asked() -> None:
    assert RequestedBrief().completed(Kind.PYTHON, DEFAULTS).cross_check is False


def test_a_brief_may_ask_for_cross_checks() -> None:
    asked = RequestedBrief.model_validate({"models": MODELS[:3], "cross_check": True})

    assert asked.completed(Kind.SQL, DEFAULTS).cross_check is True


@pytest.mark.parametrize("value", ["yes", 1, "true"])
def test_an_option_is_true_or_false(value: object) -> None:
    with pytest.raises(ValidationError, match="cross_check"):
        RequestedBrief.model_validate({"cross_check": value})


def test_cross_checks_beyond_an_executions_history_are_refused() -> None:
    most = {"models": MODELS[:5], "tasks_count": 5, "cross_check": True}
    too_many = {"models": MODELS, "tasks_count": 5, "cross_check": True}

    RequestedBrief.model_validate(most)

    with pytest.raises(ValidationError, match="cross_check requires more than 100 solutions"):
        RequestedBrief.model_validate(too_many)
