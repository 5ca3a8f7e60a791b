"""Keeps what every function asked of AWS and of its model, so that a fresh one can ask it again."""

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
from coursewright.wiring import link_keys, links, model_keys, secrets
from tests.workflow import moto_engine

KEPT_HEADERS = ("content-type", "etag", "last-modified", "x-amzn-errortype", "x-amz-function-error")


class Exchange(BaseModel):
    """One answer of AWS, and to which question."""

    asked: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def content(self) -> bytes:
        """The body as it was sent."""
        return zlib.decompress(base64.b64decode(self.body))


class Recorded(BaseModel):
    """One run of a function: its event and all answers that it got."""

    function: str
    event: Any
    beside: str = ""
    exchanges: list[Exchange] = []
    model_answers: list[str] = []

    @property
    def name(self) -> str:
        """Name the function, and the provider where it is not the usual one."""
        return self.function + self.beside

    @property
    def bytes_read(self) -> int:
        """Say how much came in."""
        return sum(len(one.body) for one in self.exchanges) + sum(map(len, self.model_answers))


class Story(BaseModel):
    """All functions' runs, under the environment that they ran in."""

    environment: dict[str, str]
    providers: list[str]
    runs: dict[str, Recorded]


def packed(content: bytes) -> str:
    """Pack a body: a story of the largest generation holds a gigabyte of them."""
    return base64.b64encode(zlib.compress(content, 1)).decode()


def asked(method: str, path: str, headers: Any) -> str:
    """Name a question by service and operation: what is asked for differs from run to run."""
    scope = str(headers.get("Authorization", "")).partition("Credential=")[2].split("/")
    service = scope[3] if len(scope) > 3 else "unsigned"
    target = headers.get("X-Amz-Target", "")
    target = target.decode() if isinstance(target, bytes) else target
    return f"{service} {target or f'{method} {_operation(service, path)}'}"


def _operation(service: str, path: str) -> str:
    """S3 has its bucket in the host or in the path; other paths end in the operation."""
    return "" if service == "s3" else urlsplit(path).path.rstrip("/").rpartition("/")[2]


_running: ContextVar["Recorded | None"] = ContextVar("running", default=None)


class Recorder:
    """Listens to functions that run in this process on moto."""

    def __init__(self) -> None:
        self.runs: dict[str, Recorded] = {}
        self.beside = ""
        self.answers: dict[str, Any] = {}  # of functions that need not run

    def run(self, function: str, event: Any) -> Any:
        """Run a function as if it were the first time; the run into which most came is kept."""
        if function in self.answers:
            return self.answers[function]
        for kept in (secrets, link_keys, model_keys, links):
            kept.cache_clear()
        recorded = Recorded(function=function, event=event, beside=self.beside)
        token = _running.set(recorded)  # LangChain hands a context on to the threads of its tools
        try:
            answer = self._plain_run(function, event)
        finally:
            _running.reset(token)
        before = self.runs.get(recorded.name)
        if before is None or before.bytes_read <= recorded.bytes_read:
            self.runs[recorded.name] = recorded
        return answer

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Listen for a while."""
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
                headers={name: found[name] for name in KEPT_HEADERS if name in found},
                body=packed(body),
            )
        )
        return response
