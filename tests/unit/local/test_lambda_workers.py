"""A few workers serve many calls in order, without more processes than are useful."""

import queue
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import lambda_runtime

from local.emulator import lambda_workers
from local.emulator.lambda_workers import LocalWorker, acquire_worker, release_worker
from local.emulator.worker_queue import QueueTime, WorkerQueue, queue_time
from tests.unit.local.machines import eventually

LONG_AGO = 60.0


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_runtime, "_workers", {})


def acquire(function: str) -> LocalWorker:
    """Lease a worker whose process has not been started."""
    arn = f"arn:aws:lambda:eu-west-1:000000000000:function:{function}"
    worker, _ = acquire_worker(function, {"FunctionName": function, "FunctionArn": arn}, b"")
    worker.is_ready = True
    return worker


def is_queued_behind(waiting: WorkerQueue, others: int) -> bool:
    return len(waiting._queues.get("function", ())) == others + 1


def test_calls_are_served_in_order_of_arrival() -> None:
    lock, served = threading.Lock(), []
    waiting = WorkerQueue(lock)
    is_free = threading.Event()

    def call(number: int) -> None:
        with lock, waiting.place("function") as place:
            while not is_free.is_set():
                place.wait()
            served.append(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for before, thread in enumerate(threads):
        thread.start()
        eventually(partial(is_queued_behind, waiting, before))
    with lock:
        is_free.set()
        waiting.wake("function")
    for thread in threads:
        thread.join(10)

    assert served == list(range(20))


def test_the_queue_time_of_a_call_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_workers, "MAX_WORKERS_PER_FUNCTION", 1)
    worker = acquire("busy")
    waited = QueueTime()

    def call() -> LocalWorker:
        queue_time.set(waited)
        return acquire("busy")

    with ThreadPoolExecutor(1) as pool:
        second: Future[LocalWorker] = pool.submit(call)
        eventually(lambda: waited.seconds > 0.2)
        release_worker(worker)

        assert second.result(10) is worker
    assert not waited.is_running
    assert waited.seconds >= 0.2


def test_an_idle_worker_is_evicted_for_another_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_workers, "MAX_WORKERS", 3)
    monkeypatch.setattr(lambda_workers, "MIN_WAIT_SECONDS", 0.05)
    idle = [acquire("quiet"), acquire("quiet")]
    for worker in idle:
        release_worker(worker)
        worker.last_used -= LONG_AGO

    busy = [acquire("busy"), acquire("busy")]

    assert len(set(busy)) == 2
    assert [len(group) for group in lambda_runtime._workers.values()] == [1, 2]


def test_a_function_shares_its_worker_if_no_other_can_be_evicted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_workers, "MAX_WORKERS", 3)
    monkeypatch.setattr(lambda_workers, "MIN_WAIT_SECONDS", 0.05)
    acquire("other"), acquire("other")
    only = acquire("busy")

    with ThreadPoolExecutor(1) as pool:
        second: Future[Any] = pool.submit(acquire, "busy")
        time.sleep(0.3)
        is_waiting = not second.done()
        release_worker(only)

        assert is_waiting
        assert second.result(10) is only


def test_a_function_without_a_worker_gets_one_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_workers, "MAX_WORKERS", 1)
    acquire("other")

    assert acquire("first").in_use


def test_a_worker_killed_during_its_start_leaves_no_open_pipes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = acquire("starting")
    worker.config |= {"Handler": "app.handler"}
    code = SimpleNamespace(folder=lambda zipped: tmp_path, root=tmp_path)
    monkeypatch.setattr(lambda_workers, "unpacked", code)
    monkeypatch.setattr(lambda_workers, "worker_environment", lambda config, **folders: {})
    queues: list[queue.SimpleQueue[Any]] = []

    def killing_queue() -> queue.SimpleQueue[Any]:
        if not queues:
            lambda_runtime.kill_workers([worker])
        queues.append(queue.SimpleQueue())
        return queues[-1]

    monkeypatch.setattr(lambda_workers, "queue", SimpleNamespace(SimpleQueue=killing_queue))

    worker._spawn()

    assert queues[0].get(timeout=10) is None
    assert [stream.closed for stream in worker._streams] == [True] * 3
