"""Terminal functions shared by all commands: output, failure and clean termination."""

import signal
import sys
from types import FrameType
from typing import NoReturn

import typer
from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Print an error message and exit with an exit code."""
    sys.stdout.flush()
    Console(stderr=True, highlight=False, soft_wrap=True).print(message, style="red", markup=False)
    raise typer.Exit(code)


def exit_on_sigterm() -> None:
    """Treat SIGTERM like Ctrl-C, so that cleanup handlers run."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
