"""Loses, delays and corrupts each reply of a check in turn, for both good and bad drafts."""

import logging

from tests.benchmarks.report import Figure, Report
from tests.verification_faults import DRAFTS, MORE_DRAFTS, fail_each_step


def run() -> Report:
    """Try every failure of every step and count the verdicts that it improves."""
    logging.getLogger("coursewright").setLevel(logging.ERROR)
    drafts = DRAFTS | MORE_DRAFTS
    trials = {name: fail_each_step(request) for name, request in drafts.items()}
    improved = [f"{name}: {step}" for name, trial in trials.items() for step in trial.improved]
    failures = sum(trial.failures for trial in trials.values())
    return Report(
        part="faults",
        figures=[
            Figure(
                name=f"failures of steps that improve a verdict, {len(drafts)} drafts",
                value=f"{len(improved)} of {failures}",
                must_be="0",
                holds=failures > 0 and not improved,
            )
        ],
        details={"improved": improved} if improved else {},
    )
