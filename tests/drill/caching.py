"""Caches boto3 clients and makes model answers deterministic across drill runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3

_clients: dict[str, Any] = {}


@contextmanager
def cached_clients() -> Iterator[None]:
    """Reuse boto3 clients with the same arguments while the block runs."""
    with patch("boto3.client", _caching(boto3.client)):
        yield


def _caching(plain: Callable[..., Any]) -> Callable[..., Any]:
    def client(*args: Any, **names: Any) -> Any:
        config = names.get("config")
        options = names | {"config": config and config._user_provided_options}
        key = repr((args, sorted(options.items())))
        if key not in _clients:
            _clients[key] = plain(*args, **names)
        return _clients[key]

    return client


@contextmanager
def deterministic_models() -> Iterator[None]:
    """Remove randomness from the practice models and make costs independent of call order."""
    fixed = SimpleNamespace(hex="0" * 32)
    with patch.multiple(
        "local.practice.server",
        uuid=SimpleNamespace(uuid4=lambda: fixed),
        time=SimpleNamespace(time=lambda: 0),
        PrefixCache=lambda: SimpleNamespace(cached_tokens=lambda model, prompt: 0),
    ):
        yield
