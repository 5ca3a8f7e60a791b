"""Records every function's calls to AWS and models, so that a fresh process can replay them."""

import base64
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self
from unittest.mock import patch
from urllib.parse import urlsplit

from moto.core.botocore_stubber import BotocoreStubber
from pydantic import BaseModel

from coursewright.agents.providers.transport import Transport
from coursewright.wiring import link_keys, links, model_keys, parameters, secrets
from tests.workflow import moto_engine

RECORDED_HEADERS = (
    "content-type",
    "etag",
    "last-modified",
    "x-amzn-errortype",
    "x-amz-function-error",
)


class Exchange(BaseModel):
    """The operation of an AWS request, and the response."""

    asked: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def content(self) -> bytes:
        """The response body."""
        return zlib.decompress(base64.b64decode(self.body))


class Recorded(BaseModel):
    """One invocation of a function: its event and all the responses it received."""

    function: str
    event: Any
    beside: str = ""
    exchanges: list[Exchange] = []
    model_answers: list[str] = []

    @property
    def name(self) -> str:
        """The function's name, with its provider unless that is the usual one."""
        return self.function + self.beside

    @property
    def bytes_read(self) -> int:
        """The total size of all responses."""
        return sum(len(exchange.body) for exchange in self.exchanges) + sum(
            map(len, self.model_answers)
        )


class Recording(BaseModel):
    """All recorded invocations and the environment they ran in."""

    environment: dict[str, str]
    providers: list[str]
    runs: dict[str, Recorded]


def packed(content: bytes) -> str:
    """Compress a body, because the largest generation has a gigabyte of them."""
    return base64.b64encode(zlib.compress(content, 1)).decode()


def asked(method: str, path: str, headers: Any) -> str:
    """Return a request's service and operation, without parameters, which vary between runs."""
    scope = str(headers.get("Authorization", "")).partition("Credential=")[2].split("/")
    service = scope[3] if len(scope) > 3 else "unsigned"
    target = headers.get("X-Amz-Target", "")
    target = target.decode() if isinstance(target, bytes) else target
    return f"{service} {target or f'{method} {_operation(service, path)}'}"


def _operation(service: str, path: str) -> str:
    """Return the operation at the end of a path; S3 paths contain only bucket and key."""
    return "" if service == "s3" else urlsplit(path).path.rstrip("/").rpartition("/")[2]


_running: ContextVar["Recorded | None"] = ContextVar("running", default=None)


class Recorder:
    """Records functions that run in this process on moto."""

    def __init__(self) -> None:
        self.runs: dict[str, Recorded] = {}
        self.beside = ""
        self.answers: dict[str, Any] = {}  # canned answers for functions that need not run

    def run(self, function: str, event: Any) -> Any:
        """Run a function as in a cold start; keep its invocation with the most response bytes."""
        if function in self.answers:
            return self.answers[function]
        for cached in (secrets, link_keys, model_keys, links, parameters):
            cached.cache_clear()
        recorded = Recorded(function=function, event=event, beside=self.beside)
        token = _running.set(recorded)  # LangChain copies the context to its tool threads
        try:
            answer = self._plain_run(function, event)
        finally:
            _running.reset(token)
        before = self.runs.get(recorded.name)
        if before is None or before.bytes_read <= recorded.bytes_read:
            self.runs[recorded.name] = recorded
        return answer

    @contextmanager
    def recording(self) -> Iterator[Self]:
        """Record while the block runs."""
        self._plain_run = moto_engine.run_function
        self._plain_call, self._plain_keep = BotocoreStubber.__call__, Transport.store_response
        recorder = self

        def call(self: Any, event_name: str, request: Any, **names: Any) -> Any:
            return recorder._answered(self, event_name, request, **names)

        def store_response(self: Transport, status: int, headers: Any, body: bytes) -> None:
            if running := _running.get():
                running.model_answers.append(body.decode())
            recorder._plain_keep(self, status, headers, body)

        with (
            patch.object(moto_engine, "run_function", self.run),
            patch.object(BotocoreStubber, "__call__", call),
            patch.object(Transport, "store_response", store_response),
        ):
            yield self

    def _answered(self, stubber: Any, event_name: str, request: Any, **names: Any) -> Any:
        response = self._plain_call(stubber, event_name, request, **names)
        running = _running.get()
        if response is None or running is None:
            return response
        body = response.raw.read()
        response.raw.seek(0)
        found = {name.lower(): str(value) for name, value in response.headers.items()}
        running.exchanges.append(
            Exchange(
                asked=asked(request.method, urlsplit(request.url).path, request.headers),
                status=response.status_code,
                headers={name: found[name] for name in RECORDED_HEADERS if name in found},
                body=packed(body),
            )
        )
        return response
