"""Hosts the emulated cloud in this process, so that stopping the process stops everything."""

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

from local.access_key import AccessKey
from local.asgi import Application
from local.browser_guard import guarded
from local.emulator import apply_all, lifecycle
from local.emulator.access_keys import use_access_key
from local.emulator.http_api_site import authoring_api, create_site, deployed_api
from local.emulator.settings import REGION, use_gateway_port
from local.mailbox import Mailbox
from local.mailbox_site import mailbox_site

HOST = "127.0.0.1"


class PortTaken(RuntimeError):
    """Another program is listening on a requested port."""


class CloudIsRunning(RuntimeError):
    """This process already runs a cloud; the emulator's state is global to the process."""


class Cloud:
    """The laptop cloud: AWS APIs, review pages, mailbox and authoring pages on a port each."""

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
        """Set the ports (0 for any free port) and the factor for Wait states and retry pauses."""
        self.access_key = AccessKey()
        self._ports = (port, site_port, mailbox_port, authoring_port)
        self._wait_scale = wait_scale
        self._sockets: list[socket.socket] = []
        self._urls: list[str] = []
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._previous_handler: Any = None

    def __enter__(self) -> Self:
        """Start the cloud."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the cloud."""
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """The address of the AWS APIs."""
        return self._urls[0]

    @property
    def site_url(self) -> str:
        """The address that serves the review pages at its root."""
        return self._urls[1]

    @property
    def mailbox_url(self) -> str:
        """The address of the mailbox page."""
        return self._urls[2]

    @property
    def authoring_url(self) -> str:
        """The address that serves the authoring pages at its root."""
        return self._urls[3]

    @property
    def mailbox(self) -> Mailbox:
        """The emails sent so far."""
        return Mailbox(self.endpoint_url, self.access_key)

    def client(self, name: str) -> Any:
        """Return a boto3 client for a service of this cloud."""
        return boto3.client(
            name,  # type: ignore[call-overload]
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            **self.access_key.credentials,
            config=ClientConfig(proxies={}, read_timeout=900, retries={"total_max_attempts": 1}),
        )

    def start(self) -> None:
        """Start serving and return when all four addresses are reachable.

        Raises:
            PortTaken: another program is using one of the ports.
            CloudIsRunning: this process already runs a cloud.
        """
        if Cloud._running is not None:
            raise CloudIsRunning("This process already runs a cloud. Stop that one first.")
        self._open_ports()
        apply_all()
        use_access_key(self.access_key)
        lifecycle.prepare(self._wait_scale)
        Cloud._running = self
        self._thread = threading.Thread(target=self._serve, name="laptop-cloud", daemon=True)
        self._thread.start()
        without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        without_proxy.open(self.endpoint_url, timeout=30).close()
        atexit.register(self.stop)
        self._stop_on_termination()

    def stop(self) -> None:
        """Stop the servers and all child processes; idempotent."""
        if Cloud._running is not self or self._thread is None:
            return
        lifecycle.clear()
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
        """Delete everything that was deployed, stored and sent."""
        lifecycle.reset()

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
            lifecycle.application(),
            guarded(create_site(deployed_api)),
            guarded(mailbox_site(self.mailbox)),
            guarded(create_site(authoring_api)),
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
        """Exit cleanly on SIGTERM unless another handler is installed."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._previous_handler = signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of the loopback interface."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} is in use. Stop the program that is listening on it "
            f"(`lsof -i :{port}` shows it) or choose another port."
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
