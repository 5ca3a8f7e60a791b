"""Tests the league as terminal tables, as JSON and as a plot."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from coursewright.domain.league import LeagueRow
from local.demo_flow import DemoFailed
from local.evaluate import require_models
from local.league import league_tables, write_json, write_plot
from tests.unit.review.builders import league_row


def row(**changes: object) -> LeagueRow:
    return league_row("openai:practice-quick").model_copy(update=changes)


def printed(*rows: LeagueRow) -> str:
    file = io.StringIO()
    Console(file=file, width=220).print(*league_tables(rows))
    return file.getvalue()


def test_each_kind_and_prompt_set_has_its_own_table() -> None:
    text = printed(row(), row(kind="sql"), row(prompt_set="ba9876543210"))

    assert text.count("League: better, faster, cheaper") == 3
    assert "(sql, prompts 0123456789ab)" in text
    assert "(python, prompts ba9876543210)" in text


def test_a_proportion_is_shown_with_its_interval() -> None:
    text = printed(row())

    assert "2/2 (34–100%)" in text
    assert "18/20 (70–97%)" in text
    assert "9,000 in" in text
    assert "4,000 cached" in text
    assert "approved" not in text


def test_a_models_name_is_not_wrapped_in_a_log_file() -> None:
    file = io.StringIO()

    Console(file=file, width=120).print(*league_tables([row()]))

    assert "openai:practice-quick" in file.getvalue()
    assert "…" not in file.getvalue()


def test_decisions_are_shown_once_reviewers_have_decided() -> None:
    text = printed(row(decided=2, approved=1, edited=1, edit_distance_sum=0.25))

    assert "1/2 (9–91%)" in text
    assert "25% of words" in text


def test_a_refusing_model_shows_its_outcome() -> None:
    assert "refused" in printed(row(outcome="refused", drafts=0, verified=0))


def test_the_json_includes_derived_figures(tmp_path: Path) -> None:
    write_json([row(cost_micros=900)], tmp_path / "league.json")

    (found,) = json.loads((tmp_path / "league.json").read_text("utf-8"))
    assert found["micros_per_verified"] == 450
    assert found["shares"]["verified"]["of"] == 2


def test_the_plot_is_written_as_svg(tmp_path: Path) -> None:
    write_plot([row()], tmp_path / "league.svg")

    assert (tmp_path / "league.svg").read_text("utf-8").startswith("<svg xmlns=")


@pytest.mark.parametrize("models", [[], ["openai:a", "openai:a"]])
def test_models_must_be_named_and_distinct(models: list[str]) -> None:
    with pytest.raises(DemoFailed, match="model"):
        require_models(models)
