"""A few workers serve many calls: each in its turn, and no more processes than are of use."""

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
from local.emulator.worker_queue import Turns, Waiting, waiting
from tests.unit.local.machines import eventually

LONG_AGO = 60.0


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_runtime, "_workers", {})


def acquire(function: str) -> LocalWorker:
    """Lease a worker whose process nobody has started."""
    arn = f"arn:aws:lambda:eu-west-1:000000000000:function:{function}"
    worker, _ = acquire_worker(function, {"FunctionName": function, "FunctionArn": arn}, b"")
    worker.is_ready = True
    return worker


def stands_behind(turns: Turns, others: int) -> bool:
    return len(turns._lines.get("function", ())) == others + 1


def test_calls_are_served_in_the_order_in_which_they_came() -> None:
    lock, served = threading.Lock(), []
    turns = Turns(lock)
    free = [False]

    def call(number: int) -> None:
        with lock, turns.turn("function") as turn:
            while not free[0]:
                turn.wait()
            served.append(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for before, thread in enumerate(threads):
        thread.start()
        eventually(partial(stands_behind, turns, before))
    with lock:
        free[0] = True
        turns.wake("function")
    for thread in threads:
        thread.join(10)

    assert served == list(range(20))


def test_a_call_knows_how_long_it_stood_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_workers, "WORKERS_PER_FUNCTION", 1)
    worker = acquire("busy")
    in_line = Waiting()

    def call() -> LocalWorker:
        waiting.set(in_line)
        return acquire("busy")

    with ThreadPoolExecutor(1) as pool:
        second: Future[LocalWorker] = pool.submit(call)
        eventually(lambda: in_line.seconds > 0.2)
        release_worker(worker)

        assert second.result(10) is worker
    assert not in_line.is_on
    assert in_line.seconds >= 0.2


def test_an_idle_worker_makes_room_for_one_of_another_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_workers, "WORKERS_IN_ALL", 3)
    monkeypatch.setattr(lambda_workers, "PATIENCE_SECONDS", 0.05)
    quiet = [acquire("quiet"), acquire("quiet")]
    for worker in quiet:
        release_worker(worker)
        worker.last_used -= LONG_AGO

    busy = [acquire("busy"), acquire("busy")]

    assert len(set(busy)) == 2
    assert [len(group) for group in lambda_runtime._workers.values()] == [1, 2]


def test_a_function_shares_its_worker_where_all_others_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_workers, "WORKERS_IN_ALL", 3)
    monkeypatch.setattr(lambda_workers, "PATIENCE_SECONDS", 0.05)
    acquire("other"), acquire("other")
    only = acquire("busy")

    with ThreadPoolExecutor(1) as pool:
        second: Future[Any] = pool.submit(acquire, "busy")
        time.sleep(0.3)
        is_waiting = not second.done()
        release_worker(only)

        assert is_waiting
        assert second.result(10) is only


def test_a_function_without_any_worker_gets_one_beyond_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_workers, "WORKERS_IN_ALL", 1)
    acquire("other")

    assert acquire("first").in_use


def test_a_worker_that_is_ended_while_it_starts_leaves_no_pipe_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = acquire("starting")
    worker.config |= {"Handler": "app.handler"}
    code = SimpleNamespace(folder=lambda zipped: tmp_path, root=tmp_path)
    monkeypatch.setattr(lambda_workers, "unpacked", code)
    monkeypatch.setattr(lambda_workers, "worker_environment", lambda config, **folders: {})
    queues: list[queue.SimpleQueue[Any]] = []

    def ends_it_meanwhile() -> queue.SimpleQueue[Any]:
        if not queues:
            lambda_runtime.kill_workers([worker])
        queues.append(queue.SimpleQueue())
        return queues[-1]

    monkeypatch.setattr(lambda_workers, "queue", SimpleNamespace(SimpleQueue=ends_it_meanwhile))

    worker._spawn()

    assert queues[0].get(timeout=10) is None
    assert [stream.closed for stream in worker._streams] == [True] * 3
