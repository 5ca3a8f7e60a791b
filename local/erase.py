"""Asks the deployed functions to forget a reviewer or a course, until all of it is done."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from local.stack import Laptop


class Erasable(StrEnum):
    """What can be forgotten."""

    REVIEWER = "reviewer"
    COURSE = "course"


class NotErased(Exception):
    """The function says why it forgot nothing, or not all."""


def forget(
    laptop: Laptop,
    what: Erasable,
    name: str,
    *,
    also_running: bool,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Call the function as often as it takes, and give what it did in all.

    Raises: NotErased.
    """
    function = laptop.function(f"erase_{what}")
    total: dict[str, Any] = {"records": 0, "generations": 0, "seen": 0}
    after, done = "", False
    while not done:
        task = {what: name, "also_running": also_running, "after": after}
        answer = laptop.client("lambda").invoke(FunctionName=function, Payload=json.dumps(task))
        found = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise NotErased(f"{found.get('errorType')}: {found.get('errorMessage')}")
        total = {key: number + found[key] for key, number in total.items()}
        after, done = found["after"], found["done"]
        if not done:
            say(f"{total['seen']} generations looked at, {total['records']} records changed …")
    return total
