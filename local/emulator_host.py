"""Runs the emulated cloud inside this process, so that stopping the process stops all of it."""

import asyncio
import atexit
import os
import signal
import socket
import sys
import threading
import urllib.request
from types import FrameType, TracebackType
from typing import Any, ClassVar, Self, cast

import boto3
from botocore.config import Config as ClientConfig
from hypercorn.asyncio import serve
from hypercorn.config import Config as ServerConfig

from local.asgi import Application
from local.emulator import apply_all, emulator
from local.emulator.browser_guard import guarded
from local.emulator.http_api_site import authoring_api, deployed_api, site_of
from local.emulator.settings import REGION, use_gateway_port
from local.mailbox import Mailbox
from local.mailbox_site import mailbox_site

HOST = "127.0.0.1"


class PortTaken(RuntimeError):
    """Another program listens on a port that was asked for."""


class CloudIsRunning(RuntimeError):
    """This process runs a cloud already, and the emulator's state is one per process."""


class Cloud:
    """The laptop cloud: AWS's interface, review pages, mailbox and desk, each on a port."""

    _running: ClassVar["Cloud | None"] = None
    region = REGION

    def __init__(
        self,
        *,
        port: int = 0,
        site_port: int = 0,
        mailbox_port: int = 0,
        authoring_port: int = 0,
        wait_scale: float = 1.0,
    ) -> None:
        """Choose the ports, 0 for any free one, and how long Wait states and retries pause."""
        self._ports = (port, site_port, mailbox_port, authoring_port)
        self._wait_scale = wait_scale
        self._sockets: list[socket.socket] = []
        self._urls: list[str] = []
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._previous_handler: Any = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Return the address of AWS's interface."""
        return self._urls[0]

    @property
    def site_url(self) -> str:
        """Return the address at whose root the review pages answer."""
        return self._urls[1]

    @property
    def mailbox_url(self) -> str:
        """Return the address of the page with the sent mails."""
        return self._urls[2]

    @property
    def authoring_url(self) -> str:
        """Return the address at whose root the authoring pages answers."""
        return self._urls[3]

    @property
    def mailbox(self) -> Mailbox:
        """Return the mails that were sent."""
        return Mailbox(self.endpoint_url)

    def client(self, name: str) -> Any:
        """Return a boto3 client of a service of this cloud."""
        return boto3.client(
            name,  # type: ignore[call-overload]
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - opens nothing
            config=ClientConfig(proxies={}, read_timeout=900, retries={"total_max_attempts": 1}),
        )

    def start(self) -> None:
        """Start serving; all four addresses are known and open when this returns.

        Raises:
            PortTaken: another program listens on one of the ports.
            CloudIsRunning: this process has started a cloud before and not stopped it.
        """
        if Cloud._running is not None:
            raise CloudIsRunning("This process runs a cloud already. Stop that one first.")
        self._open_ports()
        apply_all()
        emulator.prepare(self._wait_scale)
        Cloud._running = self
        self._thread = threading.Thread(target=self._serve, name="laptop-cloud", daemon=True)
        self._thread.start()
        directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        directly.open(f"{self.endpoint_url}/_ministack/health", timeout=30).close()
        atexit.register(self.stop)
        self._stop_on_termination()

    def stop(self) -> None:
        """Stop serving and end every child process; stopping twice does no harm."""
        if Cloud._running is not self or self._thread is None:
            return
        emulator.clear()
        assert self._loop is not None
        assert self._stopping is not None
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=10)
        self._close_ports()
        Cloud._running = None
        atexit.unregister(self.stop)
        if self._previous_handler is not None:
            signal.signal(signal.SIGTERM, self._previous_handler)
            self._previous_handler = None

    def reset(self) -> None:
        """Forget everything that was deployed, stored and sent."""
        emulator.reset()

    def _open_ports(self) -> None:
        for port in self._ports:
            try:
                self._sockets.append(listen(port))
            except PortTaken:
                self._close_ports()
                raise
        ports = [listener.getsockname()[1] for listener in self._sockets]
        self._urls = [f"http://{HOST}:{port}" for port in ports]
        use_gateway_port(ports[0])

    def _close_ports(self) -> None:
        for listener in self._sockets:
            listener.close()
        self._sockets = []

    def _serve(self) -> None:
        asyncio.run(self._serve_all())

    async def _serve_all(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        applications: list[Application] = [
            emulator.application(),
            guarded(site_of(deployed_api)),
            guarded(mailbox_site(self.mailbox)),
            guarded(site_of(authoring_api)),
        ]
        await asyncio.gather(
            *(
                serve(
                    cast(Any, application),
                    _server_config(listener),
                    shutdown_trigger=self._stopping.wait,
                )
                for application, listener in zip(applications, self._sockets, strict=True)
            )
        )

    def _stop_on_termination(self) -> None:
        """Let SIGTERM end this process in the orderly way, unless it was told another one."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._previous_handler = signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine only."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} of this machine is in use. Stop the program that listens there "
            f"(`lsof -i :{port}` names it) or choose another port."
        ) from error
    listener.listen(128)
    return listener


def _server_config(listener: socket.socket) -> ServerConfig:
    config = ServerConfig()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]  # closed by the server
    config.accesslog = None
    config.errorlog = None
    config.graceful_timeout = 0.2
    config.keep_alive_timeout = 75
    return config
