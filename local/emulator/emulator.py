"""What the laptop cloud asks of ministack beside its requests: a fresh start and a clean end."""

from ministack import app
from ministack.services import stepfunctions

from local.asgi import Application
from local.emulator.lambda_workers import close_workers, open_workers
from local.emulator.sfn_callbacks import forget_tokens
from local.emulator.sfn_executions import abort_all


def application() -> Application:
    """Return what answers AWS's requests, behind the patches that were applied."""
    patched: Application = app.app
    return patched


def prepare(wait_scale: float) -> None:
    """Make the emulator ready to be served by a new event loop."""
    app._reset_lock = None
    stepfunctions._SFN_WAIT_SCALE = wait_scale
    open_workers()


def clear() -> None:
    """End all work and all workers, then forget all state and the unpacked code."""
    abort_all()
    close_workers()
    app._reset_all_state()
    forget_tokens()


def reset() -> None:
    """Clear everything and go on empty."""
    clear()
    open_workers()
