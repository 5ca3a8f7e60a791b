"""The commands that compare models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from coursewright.agents.model_registry import load_registry
from coursewright.domain.errors import CoursewrightError
from coursewright.domain.league import LeagueRow
from local import endpoint_file
from local import evaluate as evaluation
from local import league as league_tables
from local.console import Teller
from local.demo_flow import StoryBroken
from local.deploy import DeploymentFailed
from local.emulator_host import PortTaken
from local.evaluate import require_models
from local.models_table import models_table
from local.terminal import console, die_on_terminate, fail

MODEL = typer.Option("--model", help="provider:name; repeat it to compare models.")
BASE_URL = typer.Option(help="An OpenAI-compatible server, such as http://127.0.0.1:8000/v1.")
JSON = typer.Option("--json", help="Write the league to this file.", dir_okay=False)
PLOT = typer.Option(help="Draw quality against cost into this SVG file.", dir_okay=False)


def evaluate(
    events: Annotated[list[Path], typer.Argument(metavar="EVENT...", exists=True, dir_okay=False)],
    model: Annotated[list[str] | None, MODEL] = None,
    base_url: Annotated[str, BASE_URL] = "",
    json_file: Annotated[Path | None, JSON] = None,
    plot: Annotated[Path | None, PLOT] = None,
) -> None:
    """Run briefs on models without any review, and compare them."""
    die_on_terminate()
    teller = Teller()
    try:
        require_models(model or ())
        result = evaluation.evaluate(events, model or (), teller, base_url=base_url)
    except (StoryBroken, PortTaken, DeploymentFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("interrupted; everything that was started has ended", code=130)
    _standings(result.rows, json_file, plot)
    if result.failures:
        fail("\n".join(result.failures))


def league(
    json_file: Annotated[Path | None, JSON] = None, plot: Annotated[Path | None, PLOT] = None
) -> None:
    """Compare the models over all that the running cloud has made and reviewers decided."""
    rows = league_tables.all_rows(endpoint_file.attached())
    if not rows:
        fail("no generation has a league yet")
    _standings(rows, json_file, plot)


def models() -> None:
    """List the models of the registry, and which of them can be called from here."""
    try:
        override = endpoint_file.attached().models_override() if endpoint_file.is_noted() else ""
        entries = load_registry(override).entries()
    except CoursewrightError as error:
        fail(str(error))
    console.print(models_table(entries))
    console.print("Keys are read from the environment here, and from the secret on AWS.")


def _standings(rows: Sequence[LeagueRow], json_file: Path | None, plot: Path | None) -> None:
    if rows:
        wide = Console(highlight=False, width=max(console.width, 150))
        wide.print(*league_tables.league_tables(rows))
    if json_file:
        league_tables.write_json(rows, json_file)
    if plot:
        league_tables.write_plot(rows, plot)
