"""Runs a sample of the crash drill on the laptop cloud."""

from collections.abc import Iterator

import pytest

from tests.drill.cases import sample
from tests.drill.command import SEED
from tests.drill.fault_injector import function_of
from tests.drill.laptop_drill import LaptopDrill, laptop_drill

pytestmark = pytest.mark.slow

SIZE = 6


@pytest.fixture(scope="module")
def drill() -> Iterator[LaptopDrill]:
    with laptop_drill() as drill:
        yield drill


@pytest.mark.timeout(900)
def test_a_crash_on_the_laptop_cloud_changes_no_stored_data(drill: LaptopDrill) -> None:
    finished = list(drill.run(sample(drill.cases(), SIZE, SEED)))

    results = drill.results()

    assert len(finished) == SIZE
    assert [
        (str(result.case), result.differences) for result in results if not result.is_clean
    ] == []


@pytest.mark.timeout(900)
def test_both_interpreters_see_at_least_a_hundred_and_fifty_points(drill: LaptopDrill) -> None:
    assert len(drill.points) >= 150


def test_a_function_is_known_by_its_deployed_name() -> None:
    assert function_of("coursewright-WriteTestsFunction-6CBC84DFFEDEC") == "write_tests"
