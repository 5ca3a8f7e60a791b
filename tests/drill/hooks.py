"""Puts a director between the functions and everything outside them: AWS's clients and HTTP."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import SimpleNamespace
from typing import Any, Protocol, cast

import botocore.endpoint
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.exceptions import ReadTimeoutError

from tests.drill.fault_points import Invocation, Killed, Mode, Point


class Orders(Protocol):
    """Who decides what becomes of a call."""

    def order(self, point: Point) -> Mode | None:
        """Return whether and how this call breaks."""
        ...


class _Stage:
    """Who directs the run that this process takes part in."""

    orders: Orders | None = None
    kill: Callable[[], None] = staticmethod(lambda: None)
    marks: Mapping[str, str] = {}  # headers by which a model's server knows who asks
    invocation: ContextVar[Invocation | None] = ContextVar("invocation", default=None)


stage = _Stage()


@contextmanager
def at_work(invocation: Invocation | None) -> Iterator[None]:
    """Say that the calls made in here belong to an invocation."""
    token = stage.invocation.set(invocation)
    try:
        yield
    finally:
        stage.invocation.reset(token)


def directed(call: str, act: Callable[[], Any]) -> Any:
    """Make a call as the director wants it."""
    invocation = stage.invocation.get()
    if invocation is None or stage.orders is None:
        return act()
    if invocation.dead:
        raise Killed
    mode = stage.orders.order(invocation.next_point(call))
    if mode is Mode.BEFORE:
        _die(invocation)
    if mode is Mode.LOST:
        invocation.loses = True
    try:
        return act()
    finally:
        if mode is Mode.AFTER:
            _die(invocation)


def _die(invocation: Invocation) -> None:
    invocation.dead = True
    stage.kill()
    raise Killed


def _takes_loss() -> bool:
    invocation = stage.invocation.get()
    if invocation is None or not invocation.loses:
        return False
    invocation.loses = False
    return True


@cache
def install() -> None:
    """Patch AWS's clients, once per process."""
    cast(Any, botocore.endpoint).time = SimpleNamespace(sleep=lambda seconds: None)
    client, endpoint = cast(Any, BaseClient), cast(Any, Endpoint)
    make_api_call, get_response = client._make_api_call, endpoint._do_get_response

    def api_call(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        name = f"{service}:{operation}"
        return directed(name, lambda: make_api_call(self, operation, parameters))

    def response(self: Any, request: Any, *rest: Any) -> Any:
        answer = get_response(self, request, *rest)
        if _takes_loss():
            return None, ReadTimeoutError(endpoint_url=request.url)
        return answer

    client._make_api_call, endpoint._do_get_response = api_call, response


@cache
def install_http() -> None:
    """Patch both HTTP clients that the providers' packages use, once per process."""
    import httpx
    import httpx2

    for library in (httpx, httpx2):
        _direct_http(library)


def _direct_http(library: Any) -> None:
    handle_request = library.HTTPTransport.handle_request

    def http(self: Any, request: Any) -> Any:
        request.headers.update(stage.marks)

        def act() -> Any:
            answer = handle_request(self, request)
            answer.read()
            if _takes_loss():
                raise library.ReadTimeout("the answer was lost", request=request)
            return answer

        return directed("model call", act)

    library.HTTPTransport.handle_request = http
