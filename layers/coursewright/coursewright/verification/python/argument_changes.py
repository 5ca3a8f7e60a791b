"""Finds calls that return a value and also change their arguments.

Loaded as text into the sandbox image.
"""

import json
from typing import Any

from coursewright.verification.python.call_recorder import record_calls
from coursewright.verification.python.differential_fuzzing import prepare

MAX_CALLS = 3


def find_changed_arguments(job: dict[str, Any]) -> str:
    """Return, as JSON, the shortest calls of the tests that return a value and change arguments."""
    prepare(job)
    solution = compile(job["solution"], "solution.py", "exec")
    calls = record_calls(job, solution, compile(job["tests"], "tests.py", "exec"), 0)
    changing = [c for c in calls if c.arguments and not c.error and c.result != "None"]
    changing.sort(key=lambda call: (len(call.text), call.text))
    shown = [{"call": call.text, "left": call.arguments} for call in changing[:MAX_CALLS]]
    return json.dumps({"nonce": job["nonce"], "calls": shown})
