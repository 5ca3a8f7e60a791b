"""The commands that list and compare models."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from coursewright.domain.errors import CoursewrightError
from local import endpoint_file
from local.terminal import console, exit_on_sigterm, fail

if TYPE_CHECKING:
    from coursewright.domain.league import LeagueRow

MIN_LEAGUE_COLUMNS = 150  # a narrower table would break the models' names
MODEL = typer.Option("--model", help="Model as PROVIDER:NAME. Repeat the option to compare models.")
BASE_URL = typer.Option(
    help="Base URL of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1."
)
JSON = typer.Option("--json", help="Write the comparison to this JSON file.", dir_okay=False)
PLOT = typer.Option(help="Plot quality against cost in this SVG file.", dir_okay=False)
EVENTS = typer.Argument(
    metavar="EVENT...",
    help="JSON files with `Module Published` events.",
    exists=True,
    dir_okay=False,
)


def evaluate(
    events: Annotated[list[Path], EVENTS],
    model: Annotated[list[str] | None, MODEL] = None,
    base_url: Annotated[str, BASE_URL] = "",
    json_file: Annotated[Path | None, JSON] = None,
    plot: Annotated[Path | None, PLOT] = None,
) -> None:
    """Run briefs on several models without a review and compare the models."""
    from local import evaluate as evaluation
    from local.console import DemoConsole
    from local.demo_flow import DemoFailed
    from local.deploy import DeploymentFailed
    from local.emulator_host import PortTaken

    exit_on_sigterm()
    try:
        evaluation.require_models(model or ())
        result = evaluation.evaluate(events, model or (), DemoConsole(), base_url=base_url)
    except (DemoFailed, PortTaken, DeploymentFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Interrupted. All processes have been stopped.", code=130)
    _print_league(result.rows, json_file, plot)
    if result.failures:
        fail("\n".join(result.failures))


def league(
    json_file: Annotated[Path | None, JSON] = None, plot: Annotated[Path | None, PLOT] = None
) -> None:
    """Compare the models across all generations and decisions in the running cloud."""
    from local.league import read_league

    rows = read_league(endpoint_file.read_stack())
    if not rows:
        fail("No generation has compared its models yet.")
    _print_league(rows, json_file, plot)


def models() -> None:
    """List the registered models and show which of them can be called from here."""
    from coursewright.agents.model_registry import load_registry
    from local.models_table import models_table

    try:
        override = endpoint_file.read_stack().models_override() if endpoint_file.exists() else ""
        entries = load_registry(override).entries()
    except CoursewrightError as error:
        fail(str(error))
    console.print(models_table(entries))
    console.print("Here, keys are read from environment variables; on AWS, from the secret.")


def _print_league(rows: Sequence["LeagueRow"], json_file: Path | None, plot: Path | None) -> None:
    from local.league import league_tables, write_json, write_plot

    if rows:
        width = max(console.width, MIN_LEAGUE_COLUMNS)
        Console(highlight=False, width=width).print(*league_tables(rows))
    if json_file:
        write_json(rows, json_file)
    if plot:
        write_plot(rows, plot)
