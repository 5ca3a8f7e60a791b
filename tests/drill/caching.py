"""What is alike in all runs of a drill: the clients of moto's services, the models' answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
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


@contextmanager
def steady_models() -> Iterator[None]:
    """Let practice models' answers hold nothing random and cost the same in any order."""
    never = SimpleNamespace(hex="0" * 32)
    with patch.multiple(
        "local.practice.server",
        uuid=SimpleNamespace(uuid4=lambda: never),
        time=SimpleNamespace(time=lambda: 0),
        PrefixCache=lambda: SimpleNamespace(cached_tokens=lambda model, prompt: 0),
    ):
        yield
