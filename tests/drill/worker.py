"""A worker of the laptop cloud that dies, or loses an answer, at the call that it is told."""

import importlib.util
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # a worker is started without it

from tests.drill import hooks  # noqa: E402
from tests.drill.fault_points import ANSWER, SECRETS, Invocation, Mode, Point  # noqa: E402

BOOTSTRAP = ROOT / "local" / "patches" / "lambda_bootstrap.py"  # its package imports the emulator


class ToldOrders:
    """The orders for one invocation, which came with it."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.seen: list[tuple[int, str]] = []
        self.has_struck = False

    def take(self, told: dict[str, Any]) -> None:
        """Begin an invocation."""
        self.told, self.seen, self.has_struck = told, [], False
        hooks.stage.marks = {"x-drill": told["generation"]} if told else {}

    def order(self, point: Point) -> Mode | None:
        """Return whether and how this call breaks."""
        self.seen.append((point.number, point.call))
        if point.number != self.told.get("number"):
            return None
        self.has_struck = True
        return Mode(self.told["mode"])

    def now(self) -> datetime:
        """Return the present moment of the generation, whose operator may have waited."""
        return datetime.now(UTC) + timedelta(seconds=self.told.get("later_seconds", 0))


def direct(bootstrap: Any) -> None:
    """Let the bootstrap's invocations be directed by what comes with them."""
    orders = ToldOrders()
    hooks.install()
    hooks.stage.orders, hooks.stage.kill = orders, lambda: os._exit(1)
    initialise, context_of, answer = bootstrap.initialise, bootstrap.context_of, bootstrap.answer

    def directed_initialise(handler: str) -> Any:
        initialised = initialise(handler)
        if "langchain_core" in sys.modules:
            hooks.install_http()
        if "coursewright.adapters.email" in sys.modules:
            clock: Any = sys.modules["coursewright.adapters.email"]
            clock.SystemClock.now = orders.now
        return initialised

    def directed_context(call: dict[str, Any]) -> Any:
        orders.take(call.get("drill") or {})
        return context_of(call)

    def directed_answer(handler: Any, event: Any, context: Any) -> dict[str, Any]:
        if not orders.told:
            return dict(answer(handler, event, context))
        forget_secrets()
        invocation = Invocation(*(orders.told[name] for name in ("function", "task", "occurrence")))
        with hooks.at_work(invocation):
            reply: dict[str, Any] = answer(handler, event, context)
        if reply["status"] == "ok":
            reply = handed_over(reply, orders.order(invocation.next_point(ANSWER)))
        return reply | {"seen": orders.seen, "has_struck": orders.has_struck}

    bootstrap.initialise = directed_initialise
    bootstrap.context_of, bootstrap.answer = directed_context, directed_answer


def forget_secrets() -> None:
    """Let every invocation read what a cold one reads, so that its calls have fixed numbers."""
    secrets: Any = sys.modules.get("coursewright.wiring_secrets")
    for name in SECRETS if secrets else ():
        getattr(secrets, name).cache_clear()


def handed_over(reply: dict[str, Any], mode: Mode | None) -> dict[str, Any]:
    """Lose an answer on its way to the caller, or die before it left."""
    if mode is Mode.LOST:
        lost = {"error": "the answer was lost", "error_type": "Lambda.SdkClientException"}
        return {"status": "error", "stack": [], **lost}
    if mode is not None:
        os._exit(1)
    return reply


def load_bootstrap() -> ModuleType:
    """Load the bootstrap by its file, as the laptop cloud does."""
    spec = importlib.util.spec_from_file_location("lambda_bootstrap", BOOTSTRAP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    loaded: Any = load_bootstrap()
    direct(loaded)
    loaded.main()
