"""The league plot also describes in words what it shows graphically."""

import xml.etree.ElementTree as ET
from itertools import pairwise

from coursewright.domain.league import LeagueRow
from coursewright.pages.league_plot import HEIGHT, WIDTH, league_plot
from tests.unit.review.builders import league_row

SVG = "{http://www.w3.org/2000/svg}"


def row(model: str, **changes: object) -> LeagueRow:
    return league_row("openai:practice-quick").model_copy(update={"model": model, **changes})


def plotted(*rows: LeagueRow) -> ET.Element:
    return ET.fromstring(league_plot(rows))


def test_each_model_is_labelled_beside_its_point() -> None:
    picture = plotted(row("openai:a", cost_micros=5_000), row("openai:b", cost_micros=20_000))

    labels = [element for element in picture.iter(f"{SVG}text") if element.get("font-weight")]

    assert {label.text for label in labels} == {"a", "b"}
    assert len(list(picture.iter(f"{SVG}circle"))) == 2


def test_the_description_matches_the_plot() -> None:
    picture = plotted(row("openai:a", verified=1, cost_micros=5_000))

    described = picture.findtext(f"{SVG}desc")

    assert described == "a: 1 of 2 verified (95% interval: 9%–91%), $0.0050 each."
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "league-plot-title league-plot-desc"


def test_an_unknown_cost_has_a_column_of_its_own() -> None:
    known = row("openai:a", cost_micros=5_000)

    picture = plotted(known, row("openai:b", cost_micros=None))

    words = [element.text for element in picture.iter(f"{SVG}text")]
    assert "cost unknown" in words
    assert "cost unknown" not in [element.text for element in plotted(known).iter(f"{SVG}text")]


def test_labels_of_equal_models_do_not_overlap() -> None:
    picture = plotted(*(row(f"openai:model-{at}") for at in range(4)))

    labels = [element for element in picture.iter(f"{SVG}text") if element.get("font-weight")]

    heights = sorted(float(label.get("y", "0")) for label in labels)
    assert all(upper + 14 <= lower for upper, lower in pairwise(heights))
    assert all(0 < height < HEIGHT for height in heights)


def test_a_long_label_stays_inside_the_plot() -> None:
    picture = plotted(row("openai:" + "long-" * 10 + "name"))

    label = next(element for element in picture.iter(f"{SVG}text") if element.get("font-weight"))

    x, length = float(label.get("x", "0")), 8 * len(label.text or "")
    assert (x - length > 0) if label.get("text-anchor") == "end" else (x + length < WIDTH)


def test_a_model_name_is_escaped() -> None:
    picture = league_plot([row("openai:<script>&")])

    assert "<script>" not in picture
    assert "&lt;script&gt;&amp;" in picture


def test_there_is_no_plot_without_drafts() -> None:
    assert league_plot([row("openai:a", drafts=0)]) == ""
