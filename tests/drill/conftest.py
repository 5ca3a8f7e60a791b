"""The practice models, and every case of the main story, for all tests of the drill."""

from collections.abc import Iterator

import pytest

from local.practice.server import PracticeServer
from tests.drill.cases import Case, every_case
from tests.drill.on_moto import play, practice_models
from tests.drill.scenarios import MAIN


@pytest.fixture(scope="package")
def practice() -> Iterator[PracticeServer]:
    with practice_models() as server:
        yield server


@pytest.fixture(scope="package")
def cases(practice: PracticeServer) -> list[Case]:
    director, _, _ = play(practice, MAIN, ())
    return every_case(MAIN, director.seen)
