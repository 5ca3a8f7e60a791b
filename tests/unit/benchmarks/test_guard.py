"""The guard detects slower imports and more expensive generations, but ignores noise."""

from tests.benchmarks.guard import Expected, Ratios, generation_growth, import_growth

BASELINE = Expected(ratios={"show_review": Ratios(computing=2.0, modules=1.5, memory=1.2)})


def found(**changes: float) -> dict[str, Ratios]:
    return {"show_review": BASELINE.ratios["show_review"].model_copy(update=changes)}


def test_what_stays_within_its_slack_passes() -> None:
    assert import_growth(found(computing=2.6, modules=1.6), BASELINE) == []


def test_each_kind_of_growth_is_named_with_its_limit() -> None:
    problems = import_growth(found(computing=2.8, modules=1.7, memory=1.4), BASELINE)

    assert problems == [
        "show_review: computing 2.80, limit 2.70",
        "show_review: modules 1.70, limit 1.62",
        "show_review: memory 1.40, limit 1.38",
    ]


def test_an_import_without_expected_ratios_is_no_pass() -> None:
    assert import_growth(found() | {"new": BASELINE.ratios["show_review"]}, BASELINE) == [
        "new is not in expected.json; add it with ARGS=--update"
    ]


def test_an_import_that_is_no_longer_measured_is_no_pass() -> None:
    assert import_growth({}, BASELINE) == [
        "show_review is no longer measured; update the baseline with ARGS=--update"
    ]


def test_a_generation_may_cost_a_little_more_and_not_much() -> None:
    baseline = Expected(generation={"writes": 2.0, "transitions per draft": 8.0})

    assert generation_growth({"writes": 2.1, "transitions per draft": 8.0}, baseline) == []
    assert generation_growth({"writes": 2.3, "transitions per draft": 8.0}, baseline) == [
        "writes: 2.30, limit 2.20"
    ]


def test_a_ratio_that_is_no_longer_counted_is_no_pass() -> None:
    assert generation_growth({}, Expected(generation={"writes": 2.0})) == [
        "writes is missing here or in the baseline; update it with ARGS=--update"
    ]
