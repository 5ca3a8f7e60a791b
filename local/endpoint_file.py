"""Manages the file in which `up` records the running cloud for use in other terminals."""

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from local.access_key import AccessKey
from local.stack import ROOT, DeployedStack
from local.terminal import fail


def write(stack: DeployedStack) -> None:
    """Write the endpoint file, with the access key, for other terminals of this user."""
    path = _path()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    content = {
        "pid": os.getpid(),
        "endpoint_url": stack.endpoint_url,
        "site_url": stack.site_url,
        "mailbox_url": stack.mailbox_url,
        "authoring_url": stack.authoring_url,
        "outputs": dict(stack.outputs),
        "access_key": {"id": stack.access_key.id, "secret": stack.access_key.secret},
    }
    # A temporary file is readable by its owner only.
    with NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(content, file, indent=1)
    Path(file.name).replace(path)


def remove() -> None:
    """Remove the endpoint file if this process wrote it."""
    if _path().exists() and json.loads(_path().read_text())["pid"] == os.getpid():
        _path().unlink()


def exists() -> bool:
    """Return whether there is an endpoint file."""
    return _path().exists()


def read_stack() -> DeployedStack:
    """Return the running cloud's stack; exit if no cloud is running."""
    content = _read()
    content["access_key"] = AccessKey(**content["access_key"])
    return DeployedStack(**{name: content[name] for name in content if name != "pid"})


def read_pid() -> int:
    """Return the running cloud's process id; exit if no cloud is running."""
    return int(_read()["pid"])


def _read() -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(_path().read_text())
        os.kill(content["pid"], 0)
    except (OSError, ValueError, KeyError, TypeError):
        fail("No cloud is running here. Start one in another terminal: make up")
    return content


def _path() -> Path:
    return ROOT / ".laptop" / "state.json"
