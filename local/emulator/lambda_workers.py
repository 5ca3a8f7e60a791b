"""Defect in ministack 1.5.33: every error kills the worker, and the number of workers is unlimited.

AWS reuses an execution environment after a handler's exception and does not start another one for a
call that the first could take a moment later. Here a cold start occupies one of few cores for a
second. A call therefore first waits for a busy worker, for about as long as a new one would take to
start. No more workers start simultaneously than there are cores, and their number is limited per
function and in total. Slow models are called in parallel, and fast ones share a few workers. A
function that invokes itself could wait forever, but no function of this project does.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator import lambda_bootstrap
from local.emulator.lambda_code import unpacked
from local.emulator.lambda_environment import worker_environment
from local.emulator.patch_point import patch_points
from local.emulator.worker_queue import WorkerQueue

CORES = os.cpu_count() or 1
MAX_WORKERS_PER_FUNCTION = max(8, CORES)
MAX_WORKERS = 20 * CORES  # each takes 50 to 100 MB, and more would not be faster
MIN_IDLE_SECONDS = 5.0  # before a worker can be evicted in favour of another function
MIN_WAIT_SECONDS = 0.3  # about as long as loading the core layer
BOOTSTRAP = Path(lambda_bootstrap.__file__)

STOPPING = {
    "status": "error",
    "error": "The laptop cloud is stopping.",
    "error_type": "Runtime.ExitError",
    "stack": [],
}

_queue = WorkerQueue(lambda_runtime._lock)
_open = threading.Event()


def search_paths(config: dict[str, Any], code: Path) -> list[str]:
    """Return the folders of a function's code and layers in AWS's search order."""
    layers = [lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or []]
    folders = [unpacked.folder(layer) / "python" for layer in reversed(layers) if layer]
    return [str(code), *(str(folder) for folder in folders if folder.is_dir())]


class LocalWorker(lambda_runtime.Worker):  # type: ignore[misc]
    """A warm child process with one handler."""

    _proc: Any
    _streams: tuple[Any, ...] = ()
    is_ready = False
    start_seconds = 0.0
    key = ""

    def _spawn(self) -> None:
        code = unpacked.folder(self.code_zip)
        process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-u", str(BOOTSTRAP)],
            cwd=code,
            env=worker_environment(self.config, code=code, home=unpacked.root / "home"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        # From here on the worker can be killed at any time, so pipes and process are set first.
        self._streams = (process.stdin, process.stdout, process.stderr)
        self._proc = process
        self._replies: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._log_lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        for stream, lines in (
            (process.stdout, self._replies),
            (process.stderr, self._log_lines),
        ):
            threading.Thread(target=_read_lines, args=(stream, lines), daemon=True).start()
        paths = search_paths(self.config, code)
        self._send({"handler": self.config["Handler"], "paths": paths})

    def _send(self, message: dict[str, Any]) -> None:
        pipe, line = self._streams[0], json.dumps(message) + "\n"
        try:
            pipe.write(line)
            pipe.flush()
        except (OSError, ValueError):
            return  # the process has exited, as the missing reply will show

    def _receive(self, timeout_seconds: float) -> dict[str, Any]:
        """Return the worker's next reply, or an error if it times out or exits."""
        try:
            line = self._replies.get(timeout=timeout_seconds)
        except queue.Empty:
            return {
                "status": "error",
                "error": f"Task timed out after {timeout_seconds:.2f} seconds",
                "error_type": "Sandbox.Timedout",
                "stack": [],
                "ended": True,
            }
        if line is None:
            return {
                "status": "error",
                "error": "Error: Runtime exited without providing a reason",
                "error_type": "Runtime.ExitError",
                "stack": [],
                "ended": True,
            }
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _log(self) -> str:
        """Return the handler's log output up to its reply."""
        lines: list[str] = []
        while True:
            try:
                line = self._log_lines.get(timeout=0.25)
            except queue.Empty:
                break
            if line is None or line == lambda_bootstrap.END_OF_LOG:
                break
            lines.append(line)
        return "\n".join(lines).strip("\n")

    def _end(self) -> None:
        process, self._proc = self._proc, None
        lambda_runtime._signal(process)
        lambda_runtime._collect(process, time.monotonic() + lambda_runtime._REAP_GRACE)
        self._discard_tmpdir()

    def _discard_tmpdir(self) -> None:
        """Close the pipes; ministack calls this for every worker that it kills."""
        for stream in self._streams:
            with contextlib.suppress(OSError):
                stream.close()

    def start(self) -> dict[str, Any]:
        """Start the process unless it is running and return the result of its initialisation."""
        if not _open.is_set():
            return STOPPING
        if self._proc is not None and self._proc.poll() is None:
            return {"status": "ready"}
        self._spawn()
        if not _open.is_set():
            return STOPPING
        started_at = time.monotonic()
        reply = self._receive(self.config.get("Timeout", 3) + 10)
        self.is_ready, self.start_seconds = True, time.monotonic() - started_at
        return {**reply, "log": self._log()}

    def invoke(
        self,
        event: Any,
        request_id: str,
        *,
        trace_id: str | None = None,
        invoked_function_arn: str | None = None,
        **_other_executors: Any,
    ) -> dict[str, Any]:
        """Run one invocation and return its reply, including the log."""
        with self._lock:
            started = self.start()
            if started["status"] != "ready":
                self._end()
                return started
            timeout_seconds = float(self.config.get("Timeout", 3))
            self._send(
                {
                    "event": event,
                    "request_id": request_id,
                    "trace_id": trace_id,
                    "invoked_function_arn": invoked_function_arn or self.config["FunctionArn"],
                    "timeout_seconds": timeout_seconds,
                }
            )
            reply = self._receive(timeout_seconds)
            log = [started.get("log", ""), self._log()]
            if reply.get("ended"):
                self._end()
            return {**reply, "log": "\n".join(filter(None, log))}


def _read_lines(stream: Any, lines: "queue.SimpleQueue[str | None]") -> None:
    """Queue a child's output lines, followed by `None`."""
    try:
        for line in stream:
            lines.put(line.rstrip("\n"))
    except (OSError, ValueError):
        pass  # the worker was killed and its pipes were closed
    lines.put(None)


def acquire_worker(
    func_name: str,
    config: dict[str, Any],
    code_zip: bytes,
    qualifier: str = "$LATEST",
    max_concurrency: int | None = None,
) -> tuple[LocalWorker, str]:
    """Lease an idle worker, or start one if none becomes idle soon and the limits allow it."""
    key = lambda_runtime._worker_key(func_name, config, qualifier)
    limit = max_concurrency or MAX_WORKERS_PER_FUNCTION
    requested_at = time.monotonic()
    with lambda_runtime._lock, _queue.place(key) as place:
        while True:
            workers = lambda_runtime._workers.setdefault(key, [])
            idle = next((worker for worker in workers if not worker.in_use), None)
            if idle is None and _should_start_another(
                workers, time.monotonic() - requested_at, limit
            ):
                idle = LocalWorker(func_name, config, code_zip)
                idle.key = key
                workers.append(idle)
            if idle is not None:
                idle.in_use, idle.last_used = True, time.time()
                return idle, "leased"
            place.wait(MIN_WAIT_SECONDS)


def _should_start_another(workers: list[Any], waited_seconds: float, limit: int) -> bool:
    if not workers:
        return True
    all_workers = [worker for group in lambda_runtime._workers.values() for worker in group]
    starting = sum(worker.in_use and not worker.is_ready for worker in all_workers)
    start_seconds = max((worker.start_seconds for worker in workers), default=0.0)
    has_waited = waited_seconds >= max(MIN_WAIT_SECONDS, start_seconds)
    is_allowed = has_waited and len(workers) < limit and starting < CORES
    return is_allowed and (len(all_workers) < MAX_WORKERS or _evict_idle_worker())


def _evict_idle_worker() -> bool:
    """Kill the worker that has been idle longest; return False if none can be evicted."""
    latest = time.time() - MIN_IDLE_SECONDS
    groups = [group for group in lambda_runtime._workers.values() if len(group) > 1]
    workers = [worker for group in groups for worker in group]
    idle = [worker for worker in workers if not worker.in_use and worker.last_used < latest]
    if not idle:
        return False
    oldest = min(idle, key=lambda worker: worker.last_used)
    lambda_runtime._workers[oldest.key].remove(oldest)
    threading.Thread(target=lambda_runtime.kill_workers, args=([oldest],), daemon=True).start()
    return True


def open_workers() -> None:
    """Allow workers to start."""
    _open.set()


def close_workers() -> None:
    """Kill all workers and prevent new ones; workers that are starting exit by themselves."""
    _open.clear()
    lambda_runtime.reset()
    unpacked.clear()


def release_worker(worker: LocalWorker | None) -> None:
    """Release a leased worker and wake the call that has been waiting longest."""
    if worker is not None:
        with lambda_runtime._lock:
            worker.in_use, worker.last_used = False, time.time()
            _queue.wake(worker.key)


@cache
def apply() -> None:
    """Run ministack's Python functions in our workers."""
    patch_points(lambda_runtime, "_workers", "_worker_key", "_signal", "_collect", "_REAP_GRACE")
    patch_points(lambda_runtime, "_lock", "kill_workers")
    patch_points(lambda_svc, "_resolve_layer_zip")
    for owner in (lambda_runtime, lambda_svc):
        patch_points(owner, "acquire_worker", "release_worker")
        owner.acquire_worker = acquire_worker
        owner.release_worker = release_worker
