"""Equal requests get the same name, and Step Functions accepts that name."""

import re

from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.brief import Audience, Brief, Kind
from coursewright.domain.generation import execution_name, generation_id

MODELS = ("openai:a", "openai:b", "bedrock:c")


def brief(models: tuple[str, ...] = MODELS, tasks_count: int = 5) -> Brief:
    return Brief(
        kind=Kind.PYTHON,
        tasks_count=tasks_count,
        models=models,
        language="en",
        audience=Audience(),
    )


@given(models=st.permutations(MODELS))
def test_the_order_of_models_does_not_matter(models: list[str]) -> None:
    assert generation_id("c", "m", "s", brief(tuple(models)), "") == generation_id(
        "c", "m", "s", brief(), ""
    )


def test_every_field_of_a_request_changes_the_generation_id() -> None:
    plain = generation_id("c", "m", "s", brief(), "")

    others = {
        generation_id("c2", "m", "s", brief(), ""),
        generation_id("c", "m2", "s", brief(), ""),
        generation_id("c", "m", "s2", brief(), ""),
        generation_id("c", "m", "s", brief(tasks_count=6), ""),
        generation_id("c", "m", "s", brief(MODELS[:2]), ""),
        generation_id("c", "m", "s", brief(), "again"),
    }

    assert len(others | {plain}) == 7


@given(module=st.text(min_size=1, max_size=300))
def test_step_functions_accepts_every_execution_name(module: str) -> None:
    name = execution_name(module, "0123456789abcdef")

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name)
    assert name.endswith("-0123456789abcdef")


def test_an_option_at_its_default_does_not_change_the_id() -> None:
    plain = generation_id("c", "m", "s", brief(), "")

    chosen = brief().model_copy(update={"hints": True})

    assert plain == "5adbda2de0fcdffe"
    assert generation_id("c", "m", "s", chosen, "") != plain
