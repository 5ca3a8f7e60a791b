"""A client that costs its 5 to 40 ms only where something is asked of it."""

from collections.abc import Callable
from threading import Lock
from typing import Any


class LazyClient:
    """Stands for an AWS client until its first use, and hands everything on to it then."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._lock = Lock()  # boto3's own session builds one client at a time
        self._built: Any = None

    def __getattr__(self, name: str) -> Any:
        """Ask the client itself."""
        with self._lock:
            if self._built is None:
                self._built = self._build()
        return getattr(self._built, name)
