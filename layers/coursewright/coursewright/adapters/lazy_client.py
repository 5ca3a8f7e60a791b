"""Defers building an AWS client, which takes 5 to 40 ms, until it is needed."""

from collections.abc import Callable
from threading import Lock
from typing import Any


class LazyClient:
    """Proxy that builds the AWS client on first attribute access."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._lock = Lock()  # boto3's default session cannot safely build two clients at once
        self._client: Any = None

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the client, building the client first if necessary."""
        with self._lock:
            if self._client is None:
                self._client = self._build()
        return getattr(self._client, name)
