"""Reviews a draft's tests and solution for what a person would object to at first sight.

Loaded as text into the sandbox image.
"""

import json
import os
import pathlib
import tempfile
from typing import Any

from coursewright.verification.python.float_equality import float_findings
from coursewright.verification.python.hard_coding import (
    hard_coding_findings,
    recorded_calls,
    results_by_function,
)
from coursewright.verification.python.static_checks import static_findings

WORKDIR = "/data"
_encode = json.dumps


def review(job: dict[str, Any]) -> str:
    """Return the findings about a draft's tests and solution as JSON."""
    _prepare(job)
    calls = recorded_calls(job)
    findings = [*static_findings(job, results_by_function(calls))]
    findings += float_findings(job)
    findings += hard_coding_findings(job, calls)
    return _encode({"nonce": job["nonce"], "findings": findings})


def _prepare(job: dict[str, Any]) -> None:
    if not os.path.isdir(WORKDIR):  # noqa: PTH112
        return
    os.chdir(WORKDIR)
    tempfile.tempdir = WORKDIR
    pathlib.Path(f"{job['module']}.py").write_text(job["solution"], "utf-8", errors="replace")
