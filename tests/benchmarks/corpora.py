"""Measures verification on custom corpora: accepted solutions and detected weak tests.

EXERCISES names a folder of exercises (each with `.meta/example.py` and `*_test.py`), PROBLEMS a
file of JSON lines with `prompt`, `canonical_solution`, `test` and `entry_point`.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.markup.evidence_text import finding_text
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox
from tests.benchmarks import open_set
from tests.benchmarks.report import Figure, Report

EVERY = 4
SLOW_SECONDS = 5.0
MIN_ACCEPTED_SHARE = 0.99
LOOKED_FOR = {
    "exercises": ".meta/example.py beside one starter and one *_test.py",
    "problems": "JSON lines",
}
Drafts = dict[str, PythonCheck]


def run() -> Report:
    """Check the configured corpora, then the open set with most assertions removed."""
    figures: list[Figure] = []
    details: dict[str, list[str]] = {}
    sandbox = Sandbox("python")
    try:
        for name, place, drafts in _named_sets():
            figure, lists = _accepted(name, drafts, sandbox) if drafts else (_none(name, place), {})
            figures.append(figure)
            details |= lists
        if not figures:
            figures.append(Figure(name="custom corpora", value="none: set EXERCISES or PROBLEMS"))
        there = open_set.problems()
        figures += [_noticed(n, sandbox) for n in (1, 2)] if there else [open_set.absent()]
    finally:
        sandbox.close()
    return Report(part="corpora", figures=figures, details=details)


def _named_sets() -> Iterator[tuple[str, str, Drafts]]:
    if folder := os.environ.get("EXERCISES"):
        yield "exercises", folder, exercises(Path(folder))
    if file := os.environ.get("PROBLEMS"):
        found = enumerate(open_set.problems(Path(file)), start=1)
        yield "problems", file, {task.task_id or f"line {n}": task.draft() for n, task in found}


def exercises(folder: Path) -> Drafts:
    """Read the single-file exercises with starter, example solution and tests."""
    examples = sorted(folder.rglob(".meta/example.py"))
    return {
        example.parents[1].name: draft
        for example in examples
        if (draft := _exercise(example.parents[1], example.read_text("utf-8")))
    }


def _exercise(folder: Path, solution: str) -> PythonCheck | None:
    starters, tests = _files(folder)
    if len(starters) != 1 or len(tests) != 1:
        return None
    return PythonCheck(
        kind="python",
        file_name=starters[0].name,
        starter=starters[0].read_text("utf-8"),
        solution=solution,
        tests=tests[0].read_text("utf-8"),
    )


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return an exercise's solution and test files, from its configuration or by name."""
    config = folder / ".meta" / "config.json"
    if config.exists():
        named = json.loads(config.read_text("utf-8"))["files"]
        return [folder / name for name in named["solution"]], [folder / n for n in named["test"]]
    tests = sorted(folder.glob("*_test.py"))
    return [path for path in sorted(folder.glob("*.py")) if path not in tests], tests


def _accepted(name: str, drafts: Drafts, sandbox: Sandbox) -> tuple[Figure, dict[str, list[str]]]:
    rejected, slow = [], []
    for title, draft in drafts.items():
        started = perf_counter()
        evidence = check_python(draft, sandbox)
        seconds = perf_counter() - started
        if evidence.verdict is Verdict.REJECTED:
            rejected.append(f"{title}: {_reasons(evidence)}")
        if seconds > SLOW_SECONDS:
            slow.append(f"{title}: {seconds:.1f} s")
    accepted = len(drafts) - len(rejected)
    figure = Figure(
        name=f"{name}: solutions accepted",
        value=f"{accepted} of {len(drafts)}",
        must_be=f"≥ {MIN_ACCEPTED_SHARE:.0%}",
        holds=accepted >= MIN_ACCEPTED_SHARE * len(drafts),
    )
    lists = {f"{name} rejected": rejected, f"slow {name}": slow}
    return figure, {title: lines for title, lines in lists.items() if lines}


def _none(name: str, place: str) -> Figure:
    return Figure(
        name=f"{name}: solutions accepted",
        value=f"none found in {place}; expected {LOOKED_FOR[name]}",
        must_be=f"≥ {MIN_ACCEPTED_SHARE:.0%}",
        holds=False,
    )


def _reasons(evidence: Evidence) -> str:
    return "; ".join(finding_text(each).replace("\n", " ") for each in evidence.reasons)


def _noticed(assertions: int, sandbox: Sandbox) -> Figure:
    """Count how many weakened test suites are rejected."""
    cut = (open_set.weakened(sample, assertions) for sample in open_set.problems()[::EVERY])
    evidence = [check_python(problem.draft(), sandbox) for problem in cut if problem]
    rejected = [
        evidence_item for evidence_item in evidence if evidence_item.verdict is Verdict.REJECTED
    ]
    codes = Counter(reason.code for rejection in rejected for reason in rejection.reasons)
    weak = codes[FindingCode.TESTS_TOO_WEAK]
    return Figure(
        name=f"open set, every {EVERY}th, tests reduced to {assertions} assertion(s): rejected",
        value=f"{len(rejected)} of {len(evidence)} ({weak} as too weak)",
    )
