"""Agent benchmarks: faults in every wire format, calls per run, parallelism and overhead."""

import logging
import os
from collections import Counter

import tests.conftest  # noqa: F401 – sets the dummy credentials before anything reads them
from tests.benchmarks import agents_overhead, agents_run
from tests.benchmarks.report import Figure, Report

os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"  # keeps the table readable


def run() -> Report:
    """Run all agent benchmarks; takes about two minutes, mostly for the sequential loop."""
    cells, lines = _matrix()
    measured = agents_run.measure()
    overhead = agents_overhead.measure()
    figures = [
        Figure(
            name="combinations of format and fault handled as required (calls, saves, error)",
            value=f"{cells[True]} of {cells.total()}",
            must_be="all",
            holds=0 < cells[True] == cells.total(),
        ),
        *measured.figures,
        *overhead.figures,
    ]
    ratios = measured.ratios
    return Report(part="agents", figures=figures, ratios=ratios, details={"matrix": lines})


def _matrix() -> tuple[Counter[bool], list[str]]:
    from coursewright.agents import agent
    from tests.unit.agents.matrix import CALL_TIMEOUT_SECONDS, FAULTS, FORMATS, run_case

    logging.getLogger("langchain_google_genai").setLevel(logging.CRITICAL)  # "empty response"
    agent.SECONDS_TO_SAVE, agent.MIN_CALL_SECONDS = 60, CALL_TIMEOUT_SECONDS
    cells: Counter[bool] = Counter()
    lines = [f"{'':22}" + "".join(f"{name:23}" for name in FORMATS)]
    for fault in FAULTS:
        shown = []
        for wire_format in FORMATS.values():
            outcome = run_case(wire_format, fault.replies)
            holds = outcome.is_as_required(fault)
            cells[holds] += 1
            error = outcome.error.__name__ if outcome.error else "saved"
            cell = f"{outcome.calls}/{outcome.saves} {error}"
            shown.append(f"{cell if holds else 'WRONG ' + cell:23}")
        lines.append(f"{fault.name:22}" + "".join(shown))
    agent.SECONDS_TO_SAVE, agent.MIN_CALL_SECONDS = 10, 5.0
    return cells, [line.rstrip() for line in lines]
