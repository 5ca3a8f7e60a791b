"""The recording covers every function."""

import re

import pytest

from tests.benchmarks.layers import ROOT, functions
from tests.benchmarks.recorded_run import NOT_RECORDED, SAMPLES, VISITED, missing
from tests.benchmarks.recorder import Recorded

CALLED = re.compile(r"\$\{(\w+)Function\}")


def test_every_function_of_the_template_is_in_the_typical_recording() -> None:
    machine = (ROOT / "statemachine" / "author_assignments.asl.json").read_text("utf-8")

    called = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in CALLED.findall(machine)}

    recorded = called | {name for name, _ in SAMPLES} | set(VISITED)
    assert recorded == set(functions()) - set(NOT_RECORDED)


@pytest.mark.parametrize("function", ["edit_draft", "notify_chat"])
def test_a_function_that_did_not_run_is_named(function: str) -> None:
    ran = [Recorded(function=name, event={}) for name in functions() if name != function]

    assert missing(ran) == {function}
