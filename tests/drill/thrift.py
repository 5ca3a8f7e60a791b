"""Saves what a drill would do hundreds of times alike: making clients of moto's services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3

_kept: dict[str, Any] = {}


@contextmanager
def clients_kept() -> Iterator[None]:
    """Let whoever asks for a client like an earlier one have that one."""
    with patch("boto3.client", _keeping(boto3.client)):
        yield


def _keeping(plain: Callable[..., Any]) -> Callable[..., Any]:
    def client(*args: Any, **names: Any) -> Any:
        config = names.get("config")
        told = names | {"config": config and config._user_provided_options}
        key = repr((args, sorted(told.items())))
        if key not in _kept:
            _kept[key] = plain(*args, **names)
        return _kept[key]

    return client
