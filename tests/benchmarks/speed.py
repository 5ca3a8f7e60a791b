"""Checks the same drafts with different time limits, under load and with two images.

Fuel and counts are the same each time, so the verdicts must be the same, too. Takes about ten
minutes, because two images are built and every draft is checked nine times.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice, product
from pathlib import Path
from unittest.mock import patch

from coursewright.domain.evidence import Evidence
from coursewright.verification.check import check_in
from coursewright.verification.check_request import CheckRequest
from coursewright.verification.sandbox import image
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Limits, Sandbox
from tests.benchmarks.report import Figure, Report
from tests.cheating_tests import CHEATING_TESTS
from tests.hostile_drafts import CHEATS, SYSTEM_ATTACKS
from tests.unit.verification.test_human_written_exercises import EXERCISES
from tests.verification_faults import DRAFTS, draft

FACTORS = (0.2, 5.0)
LOADS = (0, 4)  # processes that compute all the time
IMAGES = ("a", "b")
ATTACKS = (
    "an endless loop",
    "endless work in C code",
    "a memory bomb",
    "a stack overflow in repr",
    "an exit without cleanup",
)
# A slow solution, many of whose mutants never end.
SLOW = """
def double(n):
    steps, total = 100_000, 0
    while steps > 0:
        steps -= 1
        total += steps % 3
    return n + n + total - total
"""
BUSY = "while True:\n    pass\n"
Outcome = tuple[str, tuple[str, ...], tuple[str, ...]]


def run() -> Report:
    """Check all drafts in every combination and count those whose outcomes differ."""
    drafts = _drafts()
    with tempfile.TemporaryDirectory() as folder:
        images = [_built(Path(folder), name) for name in IMAGES]
        outcomes = [_outcomes(drafts, Limits(), images[0])[0]]
        lines = []
        for factor, load, file in product(FACTORS, LOADS, images):
            with _load(load):
                found, seconds = _outcomes(drafts, _scaled(factor), file)
            outcomes.append(found)
            lines.append(f"limits × {factor:g}, load {load}, image {file.stem}: {seconds:.0f} s")
    verdicts = [name for name in drafts if len({found[name][0] for found in outcomes}) > 1]
    findings = [name for name in drafts if len({found[name] for found in outcomes}) > 1]
    return Report(
        part="speed",
        figures=[
            _none("verdicts that differ", verdicts, drafts),
            _none("reasons or blocking doubts that differ", findings, drafts),
        ],
        details={
            "combinations": lines,
            "drafts with different outcomes": [
                f"{name}: {sorted({str(found[name]) for found in outcomes})}" for name in findings
            ],
        },
    )


def _drafts() -> dict[str, CheckRequest]:
    """Return forty drafts, good and bad, fast and slow."""
    return {
        "slow": draft(SLOW),
        **DRAFTS,
        **{name: exercise.draft() for name, exercise in EXERCISES.items()},
        **{name: draft(tests=tests) for name, tests in islice(CHEATING_TESTS.items(), 3, 12)},
        **{name: draft(code) for name, code in islice(CHEATS.items(), 6)},
        **{name: draft(SYSTEM_ATTACKS[name]) for name in ATTACKS},
    }


def _built(folder: Path, name: str) -> Path:
    out = folder / f"{name}.bin"
    image.build(out)
    return out


def _scaled(factor: float) -> Limits:
    limits = Limits()
    seconds = {"seconds": limits.seconds, "check_seconds": limits.check_seconds}
    return limits.model_copy(update={name: own * factor for name, own in seconds.items()})


def _outcomes(
    drafts: dict[str, CheckRequest], limits: Limits, file: Path
) -> tuple[dict[str, Outcome], float]:
    sandboxes = {"python": Sandbox("python", limits), "sql": Sandbox("sql", limits)}
    started = time.monotonic()

    def outcome(request: CheckRequest) -> Outcome:
        return _outcome(check_in(sandboxes[request.kind], request))

    with (
        patch.dict(os.environ, {"SANDBOX_IMAGE": str(file)}),
        ThreadPoolExecutor(POOL_SIZE) as pool,
    ):
        found = dict(zip(drafts, pool.map(outcome, drafts.values()), strict=True))
    for sandbox in sandboxes.values():
        sandbox.close()
    return found, time.monotonic() - started


def _outcome(evidence: Evidence) -> Outcome:
    doubts = (doubt.code.value for doubt in evidence.doubts if doubt.blocking)
    reasons = (reason.code.value for reason in evidence.reasons)
    return evidence.verdict.value, tuple(sorted(reasons)), tuple(sorted(doubts))


@contextmanager
def _load(processes: int) -> Iterator[None]:
    command = [sys.executable, "-c", BUSY]
    busy = [subprocess.Popen(command) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def _none(name: str, found: list[str], drafts: dict[str, CheckRequest]) -> Figure:
    value = f"{len(found)} of {len(drafts)}"
    return Figure(name=name, value=value, must_be="0", holds=not found)
