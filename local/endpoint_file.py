"""Which cloud runs here: `up` writes it down, commands in other terminals find it."""

import json
import os
from pathlib import Path
from typing import Any

from local.stack import ROOT, Laptop
from local.terminal import fail


def remember(laptop: Laptop) -> None:
    """Write down where this cloud is, for the commands in other terminals."""
    path = _file()
    path.parent.mkdir(exist_ok=True)
    facts = {
        "pid": os.getpid(),
        "endpoint_url": laptop.endpoint_url,
        "site_url": laptop.site_url,
        "mailbox_url": laptop.mailbox_url,
        "authoring_url": laptop.authoring_url,
        "outputs": dict(laptop.outputs),
    }
    path.write_text(json.dumps(facts, indent=1))


def forget() -> None:
    """Take back what `remember` wrote, if it is this process's."""
    if _file().exists() and json.loads(_file().read_text())["pid"] == os.getpid():
        _file().unlink()


def is_noted() -> bool:
    """Return whether some cloud has written down where it is."""
    return _file().exists()


def attached() -> Laptop:
    """Return the cloud that runs here, or end the command."""
    state = _state()
    return Laptop(**{name: state[name] for name in state if name != "pid"})


def process() -> int:
    """Return the process of the cloud that runs here, or end the command."""
    return int(_state()["pid"])


def _state() -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(_file().read_text())
        os.kill(state["pid"], 0)
    except (OSError, ValueError, KeyError):
        fail("no cloud is running here; start one in another terminal: make up")
    return state


def _file() -> Path:
    return ROOT / ".laptop" / "state.json"
