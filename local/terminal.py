"""What all commands do at a terminal: print, fail, end cleanly."""

import signal
import sys
from types import FrameType
from typing import NoReturn

import typer
from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Say what went wrong and end the command."""
    sys.stdout.flush()
    Console(stderr=True, highlight=False, soft_wrap=True).print(message, style="red", markup=False)
    raise typer.Exit(code)


def die_on_terminate() -> None:
    """Let SIGTERM end the process as Ctrl-C does: with everything cleaned up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
