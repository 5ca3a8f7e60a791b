"""Fixtures for tests of the drill: the practice models and the main scenario's cases."""

from collections.abc import Iterator

import pytest

from local.practice.server import PracticeServer
from tests.drill.cases import Case, every_case
from tests.drill.on_moto import practice_models, run_scenario
from tests.drill.scenarios import MAIN


@pytest.fixture(scope="package")
def practice() -> Iterator[PracticeServer]:
    with practice_models() as server:
        yield server


@pytest.fixture(scope="package")
def cases(practice: PracticeServer) -> list[Case]:
    plan, _, _ = run_scenario(practice, MAIN, ())
    return every_case(MAIN, plan.seen)
