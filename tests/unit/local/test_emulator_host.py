"""The laptop cloud starts quickly, stops completely and is reachable only from this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.emulator_host import Cloud, CloudIsRunning, PortTaken, listen
from tests.unit.local.machines import DEADLINE_SECONDS, TEMPLATE, eventually

pytestmark = pytest.mark.enable_socket

CLOUD_WITH_A_WORKER = f"""
import signal, sys, time
from pathlib import Path
from local.emulator_host import Cloud
from local.deploy import deploy

# As in a terminal; background jobs of a shell, and their child processes, ignore SIGINT.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Cloud() as cloud:
    deployment = deploy(cloud, Path({str(TEMPLATE)!r}))
    function = deployment.physical_id("WorkFunction")
    cloud.client("lambda").invoke(
        FunctionName=deployment.physical_id("ReportFunction"), Payload=b"{{}}"
    )
    cloud.client("lambda").invoke(
        FunctionName=function, InvocationType="Event", Payload=b'{{"number": 1, "seconds": 60}}'
    )
    print("up", flush=True)
    while True:  # a signal delivered to another thread would not end a long sleep
        time.sleep(0.1)
"""


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    every_thread = found.parent.parent.glob("*/children")
    return [int(child) for thread in every_thread for child in thread.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_cloud_starts_within_five_seconds() -> None:
    started_at = time.monotonic()

    subprocess.run(
        [sys.executable, "-c", "from local.emulator_host import Cloud\nwith Cloud(): pass"],
        check=True,
        timeout=20,
    )

    assert time.monotonic() - started_at < 5


def test_a_port_in_use_is_a_clear_error() -> None:
    with listen(0) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortTaken, match=f"Port {port} .* in use.*another port"):
            Cloud(port=port)._open_ports()


def test_the_cloud_listens_on_the_loopback_interface_only(cloud: Cloud) -> None:
    addresses = [cloud.endpoint_url, cloud.site_url, cloud.mailbox_url, cloud.authoring_url]

    hosts = {address.rsplit(":", 1)[0] for address in addresses}

    assert hosts == {"http://127.0.0.1"}
    assert len(set(addresses)) == 4


def test_a_process_runs_only_one_cloud(cloud: Cloud) -> None:
    with pytest.raises(CloudIsRunning):
        Cloud().start()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_cloud(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLOUD_WITH_A_WORKER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        eventually(lambda: len(children(parent.pid)) == 2)
        workers = children(parent.pid)

        parent.send_signal(how)
        parent.wait(timeout=DEADLINE_SECONDS)

    assert eventually(lambda: not any(is_alive(worker) for worker in workers))


def test_the_site_reports_that_nothing_is_deployed() -> None:
    script = """
import urllib.request, urllib.error
from local.emulator_host import Cloud
with Cloud() as cloud:
    try:
        urllib.request.urlopen(cloud.site_url)
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode())
"""

    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert shown.stdout.decode() == "503 Nothing is deployed yet.\n\n"
    assert shown.stderr == b""


def test_a_socket_is_closed_when_its_port_is_taken() -> None:
    with listen(0) as other, pytest.raises(PortTaken):
        listen(other.getsockname()[1])

    assert isinstance(other, socket.socket)
