"""Detects slower imports and more expensive generations: `make check-bench`.

`ARGS=--update` stores the current figures as the baseline. Import costs are relative to the AWS
SDK's, so they are comparable across machines. CPU time is noisy on a busy machine and gets more
slack; modules, memory and a generation's metered units hardly vary.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from tests.benchmarks import fresh
from tests.benchmarks.__main__ import run_apart
from tests.benchmarks.fresh import Fresh, Job

EXPECTED = Path(__file__).parent / "expected.json"
RUNS = 5
BARE = "dynamodb"
WATCHED = {
    "start_generation": ("start_generation", "app"),
    "show_review": ("show_review", "app"),
    "show_authoring": ("show_authoring", "app"),
    "verify_draft": ("verify_draft", "app"),
    "write_solution": ("write_solution", "app"),
    "OpenAI client": ("write_solution", "coursewright.agents.providers.openai"),
    "Bedrock client": ("write_solution", "coursewright.agents.providers.bedrock"),
}


class Ratios(BaseModel):
    """Cost of one import as multiples of the baseline's cost."""

    computing: float
    modules: float
    memory: float


class Expected(BaseModel):
    """The stored baseline and the growth allowed."""

    slack: Ratios = Ratios(computing=1.35, modules=1.08, memory=1.15)
    ratios: dict[str, Ratios] = {}
    generation_slack: float = 1.1
    generation: dict[str, float] = {}


def measure() -> dict[str, Ratios]:
    """Import each a few times in turn and take the minimum, the least disturbed value."""
    jobs: dict[str, Job] = {BARE: fresh.bare_job(BARE)}
    jobs |= {name: fresh.import_job(*what) for name, what in WATCHED.items()}
    runs: dict[str, list[Fresh]] = {name: [] for name in jobs}
    for _ in range(RUNS):
        for name, job in jobs.items():
            runs[name].append(fresh.run(job))
    return {name: _ratios(runs[name], runs[BARE]) for name in WATCHED}


def measure_generation() -> dict[str, float]:
    """Run one generation with three models and five tasks; return its metered ratios."""
    return {name: round(ratio, 2) for name, ratio in run_apart("cost").ratios.items()}


def generation_growth(found: Mapping[str, float], expected: Expected) -> list[str]:
    """Describe a generation's ratios that exceed their limit; a missing one is a failure."""
    problems = []
    for name in sorted({*found, *expected.generation}):
        if name not in found or name not in expected.generation:
            problems.append(
                f"{name} is missing here or in the baseline; update it with ARGS=--update"
            )
            continue
        most = expected.generation[name] * expected.generation_slack
        if found[name] > most:
            problems.append(f"{name}: {found[name]:.2f}, limit {most:.2f}")
    return problems


def import_growth(found: Mapping[str, Ratios], expected: Expected) -> list[str]:
    """Describe the imports that exceed their limit; a missing one is a failure."""
    problems = []
    for name in expected.ratios.keys() - found.keys():
        problems.append(f"{name} is no longer measured; update the baseline with ARGS=--update")
    for name, ratios in found.items():
        if name not in expected.ratios:
            problems.append(f"{name} is not in {EXPECTED.name}; add it with ARGS=--update")
            continue
        for what, slack in expected.slack:
            most = getattr(expected.ratios[name], what) * slack
            if getattr(ratios, what) > most:
                problems.append(f"{name}: {what} {getattr(ratios, what):.2f}, limit {most:.2f}")
    return problems


def main(arguments: list[str]) -> int:
    """Measure, print and compare; return 0 if nothing exceeds its limit."""
    expected = Expected.model_validate_json(EXPECTED.read_text("utf-8"))
    found, generation = measure(), measure_generation()
    _show(found, expected)
    _show_generation(generation, expected)
    if "--update" in arguments and generation:
        updated = expected.model_copy(update={"ratios": found, "generation": generation})
        EXPECTED.write_text(json.dumps(updated.model_dump(), indent=2) + "\n", "utf-8")
        return 0
    problems = [*import_growth(found, expected), *generation_growth(generation, expected)]
    for line in problems:
        sys.stdout.write(f"EXCEEDED  {line}\n")
    return 1 if problems else 0


def _ratios(runs: list[Fresh], bare: list[Fresh]) -> Ratios:
    return Ratios(
        computing=round(_least(runs) / _least(bare), 2),
        modules=round(runs[0].modules / bare[0].modules, 2),
        memory=round(_lowest(runs) / _lowest(bare), 2),
    )


def _least(runs: list[Fresh]) -> float:
    return min(run.import_computing for run in runs)


def _lowest(runs: list[Fresh]) -> float:
    return min(run.peak_megabytes for run in runs)


def _show(found: Mapping[str, Ratios], expected: Expected) -> None:
    table = Table(title="Imports as multiples of the AWS SDK's import", title_justify="left")
    for column in ("import", "computing", "modules", "memory"):
        table.add_column(column)
    for name, ratios in found.items():
        before = expected.ratios.get(name, ratios)
        pairs = [(ratio, getattr(before, what)) for what, ratio in ratios]
        table.add_row(name, *(f"{now:.2f} (was {was:.2f})" for now, was in pairs))
    Console().print(table)


def _show_generation(found: Mapping[str, float], expected: Expected) -> None:
    table = Table("ratio", "now", "was", title="one generation, 3 × 5", title_justify="left")
    for name, ratio in found.items():
        table.add_row(name, f"{ratio:.2f}", f"{expected.generation.get(name, ratio):.2f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
