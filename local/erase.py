"""Calls the deployed erasure functions until all data of a reviewer or a course is erased."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from local.stack import DeployedStack


class Erasable(StrEnum):
    """The kinds of subject whose data can be erased."""

    REVIEWER = "reviewer"
    COURSE = "course"


class ErasureFailed(Exception):
    """The function reported an error; the erasure is incomplete."""


def erase(
    stack: DeployedStack,
    subject: Erasable,
    name: str,
    *,
    also_running: bool,
    report_progress: Callable[[str], None],
) -> dict[str, Any]:
    """Invoke the function as often as necessary and return the totals of all invocations.

    Raises: ErasureFailed.
    """
    function = stack.function(f"erase_{subject}")
    total: dict[str, Any] = {"records": 0, "generations": 0, "seen": 0}
    after, is_done = "", False
    while not is_done:
        request = {subject: name, "also_running": also_running, "after": after}
        response = stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(request))
        result = json.loads(response["Payload"].read())
        if "FunctionError" in response:
            raise ErasureFailed(f"{result.get('errorType')}: {result.get('errorMessage')}")
        total = {key: number + result[key] for key, number in total.items()}
        after, is_done = result["after"], result["done"]
        if not is_done:
            report_progress(
                f"{total['seen']} generations checked, {total['records']} records changed …"
            )
    return total
