"""Intercepts the functions' outside calls (boto3 and HTTP) to inject faults."""

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


class Plan(Protocol):
    """Decides which calls fail."""

    def fault_mode(self, point: Point) -> Mode | None:
        """Return how this call must fail, or None."""
        ...


class _HookState:
    """The fault plan of this process and the current invocation."""

    plan: Plan | None = None
    kill: Callable[[], None] = staticmethod(lambda: None)
    headers: Mapping[str, str] = {}  # identify the caller to the model server
    invocation: ContextVar[Invocation | None] = ContextVar("invocation", default=None)


state = _HookState()


@contextmanager
def invocation_scope(invocation: Invocation | None) -> Iterator[None]:
    """Attribute calls made in the block to an invocation."""
    token = state.invocation.set(invocation)
    try:
        yield
    finally:
        state.invocation.reset(token)


def intercept(call: str, act: Callable[[], Any]) -> Any:
    """Make a call, or make it fail if the plan requires it."""
    invocation = state.invocation.get()
    if invocation is None or state.plan is None:
        return act()
    if invocation.dead:
        raise Killed
    mode = state.plan.fault_mode(invocation.next_point(call))
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
    state.kill()
    raise Killed


def _loses_answer() -> bool:
    invocation = state.invocation.get()
    if invocation is None or not invocation.loses:
        return False
    invocation.loses = False
    return True


@cache
def install() -> None:
    """Patch the AWS clients once per process."""
    cast(Any, botocore.endpoint).time = SimpleNamespace(sleep=lambda seconds: None)
    client, endpoint = cast(Any, BaseClient), cast(Any, Endpoint)
    make_api_call, get_response = client._make_api_call, endpoint._do_get_response

    def api_call(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        name = f"{service}:{operation}"
        return intercept(name, lambda: make_api_call(self, operation, parameters))

    def response(self: Any, request: Any, *rest: Any) -> Any:
        answer = get_response(self, request, *rest)
        if _loses_answer():
            return None, ReadTimeoutError(endpoint_url=request.url)
        return answer

    client._make_api_call, endpoint._do_get_response = api_call, response


@cache
def install_http() -> None:
    """Patch the two HTTP clients of the provider packages once per process."""
    _never_cache_parameters()
    import httpx
    import httpx2

    for library in (httpx, httpx2):
        _patch_http(library)


def _never_cache_parameters() -> None:
    """Read secrets and parameters anew each time during an invocation of the drill.

    Functions that run in parallel share this process, so a cached value would change the number
    of calls that one of them makes.
    """
    from aws_lambda_powertools.utilities.parameters.base import BaseProvider

    is_cached = BaseProvider.has_not_expired_in_cache

    def is_cached_outside(self: BaseProvider, key: Any) -> bool:
        return state.invocation.get() is None and is_cached(self, key)

    BaseProvider.has_not_expired_in_cache = is_cached_outside  # type: ignore[method-assign]


def _patch_http(library: Any) -> None:
    handle_request = library.HTTPTransport.handle_request

    def http(self: Any, request: Any) -> Any:
        request.headers.update(state.headers)

        def act() -> Any:
            response = handle_request(self, request)
            body = response.read()
            if _loses_answer():
                raise library.ReadTimeout("the answer was lost", request=request)
            # A read response has closed its stream, which the client still has to read.
            stream = library.ByteStream(body)
            return library.Response(response.status_code, headers=response.headers, stream=stream)

        return intercept("model call", act)

    library.HTTPTransport.handle_request = http
