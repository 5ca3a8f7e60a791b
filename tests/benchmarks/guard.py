"""Notices what has become heavy or dear: `make check-bench`, or `ARGS=--keep` to keep what is.

Ratios to what every function on AWS has to import hold on every machine. The processor's time is
noisy where others work too and has slack for it; modules and memory hardly vary, nor does what is
counted on one whole generation.
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
    "the client of OpenAI": ("write_solution", "coursewright.agents.providers.openai"),
    "the client of Bedrock": ("write_solution", "coursewright.agents.providers.bedrock"),
}


class Ratios(BaseModel):
    """What one import takes, as multiples of the bare one."""

    computing: float
    modules: float
    memory: float


class Expected(BaseModel):
    """What imports took when somebody looked, and how much more is let pass."""

    slack: Ratios = Ratios(computing=1.35, modules=1.08, memory=1.15)
    ratios: dict[str, Ratios] = {}
    generation_slack: float = 1.1
    generation: dict[str, float] = {}


def measure() -> dict[str, Ratios]:
    """Import each a few times in turn and take the least, which other work disturbs least."""
    jobs: dict[str, Job] = {BARE: fresh.bare_job(BARE)}
    jobs |= {name: fresh.import_job(*what) for name, what in WATCHED.items()}
    runs: dict[str, list[Fresh]] = {name: [] for name in jobs}
    for _ in range(RUNS):
        for name, job in jobs.items():
            runs[name].append(fresh.run(job))
    return {name: _ratios(runs[name], runs[BARE]) for name in WATCHED}


def measure_generation() -> dict[str, float]:
    """Run one generation of three models and five tasks, and count what AWS would bill."""
    return {name: round(ratio, 2) for name, ratio in run_apart("cost").ratios.items()}


def dearer(found: Mapping[str, float], expected: Expected) -> list[str]:
    """Say what of a generation has grown beyond its slack; what was not counted is no pass."""
    told = []
    for name in sorted({*found, *expected.generation}):
        if name not in found or name not in expected.generation:
            told.append(f"{name} is only on one side; keep it with ARGS=--keep")
            continue
        most = expected.generation[name] * expected.generation_slack
        if found[name] > most:
            told.append(f"{name}: {found[name]:.2f}, at most {most:.2f}")
    return told


def grown(found: Mapping[str, Ratios], expected: Expected) -> list[str]:
    """Say of each import what has grown beyond its slack."""
    told = []
    for name in expected.ratios.keys() - found.keys():
        told.append(f"{name} is no longer measured; keep what is with ARGS=--keep")
    for name, ratios in found.items():
        if name not in expected.ratios:
            told.append(f"{name} is not in {EXPECTED.name}; keep it with ARGS=--keep")
            continue
        for what, slack in expected.slack:
            most = getattr(expected.ratios[name], what) * slack
            if getattr(ratios, what) > most:
                told.append(f"{name}: {what} {getattr(ratios, what):.2f}, at most {most:.2f}")
    return told


def main(arguments: list[str]) -> int:
    """Measure, show and judge; exit 0 if nothing has grown."""
    expected = Expected.model_validate_json(EXPECTED.read_text("utf-8"))
    found, generation = measure(), measure_generation()
    _show(found, expected)
    _show_generation(generation, expected)
    if "--keep" in arguments and generation:
        kept = expected.model_copy(update={"ratios": found, "generation": generation})
        EXPECTED.write_text(json.dumps(kept.model_dump(), indent=2) + "\n", "utf-8")
        return 0
    told = [*grown(found, expected), *dearer(generation, expected)]
    for line in told:
        sys.stdout.write(f"GROWN {line}\n")
    return 1 if told else 0


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
    table = Table(title="imports as multiples of the AWS SDK's", title_justify="left")
    for column in ("import", "computing", "modules", "memory"):
        table.add_column(column)
    for name, ratios in found.items():
        before = expected.ratios.get(name, ratios)
        pairs = [(one, getattr(before, what)) for what, one in ratios]
        table.add_row(name, *(f"{now:.2f} (was {was:.2f})" for now, was in pairs))
    Console().print(table)


def _show_generation(found: Mapping[str, float], expected: Expected) -> None:
    table = Table("ratio", "now", "was", title="one generation, 3 × 5", title_justify="left")
    for name, ratio in found.items():
        table.add_row(name, f"{ratio:.2f}", f"{expected.generation.get(name, ratio):.2f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
