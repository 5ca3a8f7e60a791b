"""Tests the cost report on several metered runs."""

from collections import Counter

from tests.benchmarks.cost import MODEL_SECONDS, Used, report

PRICES = {
    "state_transitions": {"usd": 1.0, "per": 1_000, "source": "a list", "read": "a day"},
    "lambda_gb_seconds": {"usd": 1.0, "per": 10_000, "source": "a list", "read": "a day"},
}


def used(gb_seconds: float) -> Used:
    quick, slow = MODEL_SECONDS
    return Used(
        units=Counter({"state_transitions": 5, "table_write_units": 30, "bucket_reads": 7}),
        writes=Counter({"MODULE": 30}),
        gb_seconds={quick: gb_seconds, slow: 10 * gb_seconds},
        least=20,
        stored_bytes=1_000,
        approved=5,
    )


def test_a_price_is_the_median_of_its_runs() -> None:
    found = report([used(90.0), used(20.0), used(40.0)], PRICES)

    values = {figure.name: figure.value for figure in found.figures}
    assert "0.900 cents (0.700–1.400 in 3 runs)" in values.values()
    assert values["largest item"].startswith("state_transitions: 0.500 cents")
    assert found.details["items, most expensive first"][1].startswith("lambda_gb_seconds: 40 →")
    assert found.details["metered, price unknown"] == ["bucket_reads: 7", "table_write_units: 30"]
    assert found.ratios["writes ÷ minimum"] == 1.5
    assert found.ratios["state transitions per approved"] == 1.0


def test_a_price_above_the_limit_misses_the_goal() -> None:
    assert not report([used(1_000.0)] * 3, PRICES).holds
