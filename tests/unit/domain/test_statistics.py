"""Statistics show how uncertain results from few drafts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.statistics import edit_distance, percentile, share

NUMBERS = st.lists(st.floats(0, 1000), min_size=1, max_size=60)
TEXT = st.lists(st.sampled_from(["a", "b", "c"]), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.277533), (5, 10, 0.236593, 0.763407), (10, 10, 0.722467, 1.0)],
)
def test_an_interval_is_a_wilson_interval(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)

    assert found.low == pytest.approx(low, abs=1e-5)
    assert found.high == pytest.approx(high, abs=1e-5)


def test_an_empty_sample_has_the_widest_interval() -> None:
    found = share(0, 0)

    assert found.value is None
    assert (found.low, found.high) == (0.0, 1.0)


@given(of=st.integers(1, 500), data=st.data())
def test_the_share_lies_in_its_interval(of: int, data: st.DataObject) -> None:
    found = share(data.draw(st.integers(0, of)), of)

    assert found.value is not None
    assert 0 <= found.low <= found.value + 1e-6
    assert found.value - 1e-6 <= found.high <= 1


@given(numbers=NUMBERS)
def test_a_percentile_is_one_of_the_numbers(numbers: list[float]) -> None:
    middle, high = percentile(numbers, 50), percentile(numbers, 95)

    assert middle is not None
    assert high is not None
    assert {middle, high} <= set(numbers)
    assert middle <= high
    assert sum(number <= high for number in numbers) >= 0.95 * len(numbers)


def test_an_empty_list_has_no_percentile() -> None:
    assert percentile([], 50) is None


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [("", "", 0), ("a b c d", "a b c d", 0), ("a b c d", "a x c d", 0.25), ("", "a b", 1)],
)
def test_an_edit_is_counted_in_words(before: str, after: str, distance: float) -> None:
    assert edit_distance(before, after) == distance


@given(before=TEXT, after=TEXT)
def test_an_edit_distance_is_symmetric(before: str, after: str) -> None:
    there, back = edit_distance(before, after), edit_distance(after, before)

    assert there == back
    assert 0 <= there <= 1
    assert (there == 0) == (before == after)
