"""Starts, resets and stops the emulator, whose state is global to the process."""

from ministack import app
from ministack.services import stepfunctions

from local.asgi import Application
from local.emulator.lambda_workers import close_workers, open_workers
from local.emulator.sfn_callbacks import clear_tokens
from local.emulator.sfn_executions import abort_all


def application() -> Application:
    """Return the application that serves the AWS APIs, with all patches applied."""
    patched: Application = app.app
    return patched


def prepare(wait_scale: float) -> None:
    """Prepare the emulator for a new event loop."""
    app._reset_lock = None
    stepfunctions._SFN_WAIT_SCALE = wait_scale
    open_workers()


def clear() -> None:
    """Stop all executions and workers, then delete all state and the unpacked code."""
    abort_all()
    close_workers()
    app._reset_all_state()
    clear_tokens()


def reset() -> None:
    """Clear everything and continue with an empty cloud."""
    clear()
    open_workers()
