"""A heavy import and a dear generation are noticed, noise is not."""

from tests.benchmarks.guard import Expected, Ratios, dearer, grown

KEPT = Expected(ratios={"show_review": Ratios(computing=2.0, modules=1.5, memory=1.2)})


def found(**changes: float) -> dict[str, Ratios]:
    return {"show_review": KEPT.ratios["show_review"].model_copy(update=changes)}


def test_what_stays_within_its_slack_passes() -> None:
    assert grown(found(computing=2.6, modules=1.6), KEPT) == []


def test_each_kind_of_growth_is_named_with_its_limit() -> None:
    told = grown(found(computing=2.8, modules=1.7, memory=1.4), KEPT)

    assert told == [
        "show_review: computing 2.80, at most 2.70",
        "show_review: modules 1.70, at most 1.62",
        "show_review: memory 1.40, at most 1.38",
    ]


def test_an_import_without_expected_ratios_is_no_pass() -> None:
    assert grown(found() | {"new": KEPT.ratios["show_review"]}, KEPT) == [
        "new is not in expected.json; keep it with ARGS=--keep"
    ]


def test_an_import_that_is_no_longer_measured_is_no_pass() -> None:
    assert grown({}, KEPT) == ["show_review is no longer measured; keep what is with ARGS=--keep"]


def test_a_generation_may_cost_a_little_more_and_not_much() -> None:
    kept = Expected(generation={"writes": 2.0, "transitions per draft": 8.0})

    assert dearer({"writes": 2.1, "transitions per draft": 8.0}, kept) == []
    assert dearer({"writes": 2.3, "transitions per draft": 8.0}, kept) == [
        "writes: 2.30, at most 2.20"
    ]


def test_a_ratio_that_is_no_longer_counted_is_no_pass() -> None:
    assert dearer({}, Expected(generation={"writes": 2.0})) == [
        "writes is only on one side; keep it with ARGS=--keep"
    ]
