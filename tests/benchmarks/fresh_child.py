"""Runs in a fresh interpreter: imports one function, calls it once and reports the cost.

Imports only what Lambda's runtime has already loaded when a function starts.
"""

import importlib
import json
import logging  # noqa: F401
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The part of the Lambda context that handlers use."""

    aws_request_id = "cold-start"
    function_name = "cold-start"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:cold-start"

    def get_remaining_time_in_millis(self) -> int:
        """Return five minutes."""
        return 300_000


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Import and call the function; measure wall-clock time, CPU time and memory."""
    sys.path[:0] = job["path"]
    marks = [_mark()]
    module, *_ = map(importlib.import_module, job["modules"])
    marks.append(_mark())
    problem = ""
    try:
        if job["is_called"]:
            module.handler(job["event"], Context())
    except Exception:  # noqa: BLE001 – whatever a function raises is reported
        problem = traceback.format_exc()
    marks.append(_mark())
    return {
        "import_seconds": marks[1][0] - marks[0][0],
        "call_seconds": marks[2][0] - marks[1][0],
        "import_computing": marks[1][1] - marks[0][1],
        "call_computing": marks[2][1] - marks[1][1],
        "peak_megabytes": sum(_peak(process) for process in ["self", *_children()]) / 1000,
        "modules": len(sys.modules),
        "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
        "problem": problem,
    }


def _mark() -> tuple[float, float]:
    computed = time.process_time() + sum(map(_computed, _children()))
    return time.perf_counter(), computed


def _children() -> list[str]:
    return [file.parent.name for file in Path("/proc").glob("[0-9]*/stat") if _is_mine(file)]


def _is_mine(file: Path) -> bool:
    try:
        return int(file.read_text("utf-8").rpartition(")")[2].split()[1]) == os.getpid()
    except OSError:  # the process has exited
        return False


def _computed(process: str) -> float:
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(file.read_text("ascii").split()[0]) for file in tasks) / 1e9


def _peak(process: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1]) * 1.024
    return 0.0


if __name__ == "__main__":
    result = main(json.loads(sys.stdin.read()))
    with os.fdopen(int(sys.argv[1]), "w") as out:
        json.dump(result, out)
    sys.stdout.flush()
    os._exit(0)
