"""A heavy import is noticed, noise is not."""

from tests.benchmarks.guard import Expected, Ratios, grown

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
    assert grown({"new": KEPT.ratios["show_review"]}, KEPT) == [
        "new is not in expected.json; keep it with ARGS=--keep"
    ]
