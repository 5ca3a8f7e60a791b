"""A laptop cloud worker that, at a given call, dies or loses the answer."""

import importlib.util
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # not on the path of a worker

from tests.drill import hooks  # noqa: E402
from tests.drill.fault_points import ANSWER, CACHES, Invocation, Mode, Point  # noqa: E402

BOOTSTRAP = ROOT / "local" / "emulator" / "lambda_bootstrap.py"  # its package imports ministack


class InvocationFaults:
    """The fault instructions of the current invocation."""

    def __init__(self) -> None:
        self.instructions: dict[str, Any] = {}
        self.seen: list[tuple[int, str]] = []
        self.has_struck = False

    def accept(self, instructions: dict[str, Any]) -> None:
        """Start an invocation with its instructions."""
        self.instructions, self.seen, self.has_struck = instructions, [], False
        tag = {"x-drill": instructions["generation"]} if instructions else {}
        hooks.state.headers = tag

    def fault_mode(self, point: Point) -> Mode | None:
        """Return how this call must fail, or None."""
        self.seen.append((point.number, point.call))
        if point.number != self.instructions.get("number"):
            return None
        self.has_struck = True
        return Mode(self.instructions["mode"])

    def now(self) -> datetime:
        """Return the generation's current time, including the operator's waits."""
        return datetime.now(UTC) + timedelta(seconds=self.instructions.get("later_seconds", 0))


def patch_bootstrap(bootstrap: Any) -> None:
    """Make the bootstrap follow the fault instructions in each invocation."""
    faults = InvocationFaults()
    hooks.install()
    hooks.state.plan, hooks.state.kill = faults, lambda: os._exit(1)
    initialise, context_of, invoke = bootstrap.initialise, bootstrap.context_of, bootstrap.invoke

    def patched_initialise(handler: str) -> Any:
        initialised = initialise(handler)
        if "langchain_core" in sys.modules:
            hooks.install_http()
        if "coursewright.adapters.clock" in sys.modules:
            clock: Any = sys.modules["coursewright.adapters.clock"]
            clock.SystemClock.now = faults.now
        return initialised

    def patched_context(call: dict[str, Any]) -> Any:
        faults.accept(call.get("drill") or {})
        return context_of(call)

    def patched_invoke(handler: Any, event: Any, context: Any) -> dict[str, Any]:
        if not faults.instructions:
            return dict(invoke(handler, event, context))
        clear_caches()
        invocation = Invocation(
            *(faults.instructions[name] for name in ("function", "task", "occurrence"))
        )
        with hooks.invocation_scope(invocation):
            reply: dict[str, Any] = invoke(handler, event, context)
        if reply["status"] == "ok":
            reply = deliver(reply, faults.fault_mode(invocation.next_point(ANSWER)))
        return reply | {"seen": faults.seen, "has_struck": faults.has_struck}

    bootstrap.initialise = patched_initialise
    bootstrap.context_of, bootstrap.invoke = patched_context, patched_invoke


def clear_caches() -> None:
    """Clear cached secrets and parameters, so that calls are numbered as in a cold start."""
    secrets: Any = sys.modules.get("coursewright.wiring")
    for name in CACHES if secrets else ():
        getattr(secrets, name).cache_clear()


def deliver(reply: dict[str, Any], mode: Mode | None) -> dict[str, Any]:
    """Return the answer, an error as if it were lost, or die before sending it."""
    if mode is Mode.LOST:
        lost = {"error": "the answer was lost", "error_type": "Lambda.SdkClientException"}
        return {"status": "error", "stack": [], **lost}
    if mode is not None:
        os._exit(1)
    return reply


def load_bootstrap() -> ModuleType:
    """Load the bootstrap from its file, like the laptop cloud."""
    spec = importlib.util.spec_from_file_location("lambda_bootstrap", BOOTSTRAP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    loaded: Any = load_bootstrap()
    patch_bootstrap(loaded)
    loaded.main()
