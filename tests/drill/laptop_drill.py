"""Injects a fault at every point once on the laptop cloud, in several parallel generations."""

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

from local.running_stack import running_stack
from tests.drill.caching import deterministic_models
from tests.drill.cases import Case, Result, doubt
from tests.drill.fault_injector import LaptopFaultInjector
from tests.drill.fault_points import Fault, Mode
from tests.drill.on_laptop import LaptopHarness, LaptopRun
from tests.drill.scenarios import MAIN
from tests.drill.snapshot import Snapshot, item_text, masked

CONCURRENCY = 4
CLOUD = "laptop cloud"
# Derived from the run's name: assignment and publication ids, and checksums that include it.
NAMES = re.compile(r"\b[0-9a-f]{16}\b|(?<=\| sha256=)[0-9a-f]{64}\b")


class LaptopDrill:
    """Runs with and without a fault on one laptop cloud."""

    def __init__(self, harness: LaptopHarness) -> None:
        self.harness = harness
        self.faultless = harness.run_scenario(MAIN, ())
        self.points = sorted(set(self.faultless.tracked.plan.seen))
        self._finished: list[tuple[Case, LaptopRun | None, str, float]] = []

    def cases(self) -> list[Case]:
        """Return one case per fault point, alternating between failure modes."""
        modes = itertools.cycle(Mode)
        return [
            Case(MAIN, (Fault(point, mode),), doubt(point, mode, self.points))
            for point, mode in zip(self.points, modes, strict=False)
        ]

    def run(self, cases: Sequence[Case], *, concurrency: int = CONCURRENCY) -> Iterator[Case]:
        """Run cases in parallel and yield them as they finish."""
        threads = ThreadPoolExecutor(concurrency)
        try:
            for done in as_completed([threads.submit(self._run_case, case) for case in cases]):
                yield done.result()
        finally:  # an interrupted drill does not wait for pending runs
            threads.shutdown(wait=False, cancel_futures=True)

    def _run_case(self, case: Case) -> Case:
        began, problem, run = time.monotonic(), "", None
        try:
            run = self.harness.run_scenario(case.scenario, case.faults)
        except Exception as error:  # noqa: BLE001 – whatever ends a run early is a difference
            problem = f"{type(error).__name__}: {error}"
        self._finished.append((case, run, problem, time.monotonic() - began))
        return case

    def results(self) -> list[Result]:
        """Compare each run with the faultless one."""
        snapshots = CloudSnapshots(self.harness)
        baseline = snapshots.of(self.faultless)
        return [
            self._result(case, run, problem, seconds, snapshots, baseline)
            for case, run, problem, seconds in self._finished
        ]

    def _result(
        self,
        case: Case,
        run: LaptopRun | None,
        problem: str,
        seconds: float,
        snapshots: "CloudSnapshots",
        baseline: Snapshot,
    ) -> Result:
        if run is None:
            return Result(case, len(case.faults), 0, (problem,), 0, seconds, CLOUD)
        snapshot = snapshots.of(run)
        return Result(
            case,
            struck=len(run.tracked.plan.struck),
            redrives=run.redrives,
            differences=tuple(baseline.differences(snapshot)),
            paid_again=baseline.paid_again(snapshot),
            seconds=seconds,
            cloud=CLOUD,
        )


class CloudSnapshots:
    """Snapshots of all runs on one cloud, whose data is read only once."""

    def __init__(self, harness: LaptopHarness) -> None:
        stack = harness.stack
        pages = harness.table.get_paginator("scan").paginate(TableName=harness.table_name)
        self._items = [item for page in pages for item in page["Items"]]
        self._mails = stack.mails()
        self._published = list(_receive_all(stack.received_publications))
        self._paid = list(harness.injector.paid)
        self._keys = list(_keys(stack.client("s3"), stack.outputs["ContentBucketName"]))
        self._stage = harness

    def of(self, run: LaptopRun) -> Snapshot:
        """Return the snapshot of one run, with its specific names masked."""
        names = {run.module: "<module>", run.reviewer_address: "<reviewer>"}

        def counted(texts: Iterable[str]) -> Counter[str]:
            return Counter(_renamed(masked(text, run.generation), names) for text in texts)

        marks = (run.generation, run.module)
        items = (item for item in self._items if _belongs_to(item, marks))
        mails = (mail for mail in self._mails if run.reviewer_address in mail.recipients)
        return Snapshot(
            end=run.status(),
            table=counted(item_text(item, run.generation) for item in items),
            objects=counted(key for key in self._keys if any(mark in key for mark in marks)),
            mails=counted(f"{mail.recipients} {mail.subject} {mail.text}" for mail in mails),
            publications=counted({text for text in self._published if run.generation in text}),
            paid=Counter((tool, sha) for name, tool, sha in self._paid if name == run.generation),
        )


def _belongs_to(item: dict[str, Any], marks: tuple[str, str]) -> bool:
    generation, module = marks
    partition, sort = item["PK"]["S"], item["SK"]["S"]
    return generation in f"{partition} {sort}" or module in partition.split("#")


def _renamed(text: str, names: dict[str, str]) -> str:
    for name, word in names.items():
        text = text.replace(name, word)
    return NAMES.sub("<id>", text)


def _receive_all(receive: Callable[[], list[Any]]) -> Iterator[str]:
    """Yield all publications; the bus can deliver one twice, with the same publication id."""
    while messages := receive():
        yield from (f"{message['detail-type']} {message['detail']}" for message in messages)


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (entry["Key"] for entry in page.get("Contents", []))


@contextmanager
def laptop_drill() -> Iterator[LaptopDrill]:
    """Start a laptop cloud with fault injection and complete one faultless run."""
    injector = LaptopFaultInjector()
    with deterministic_models(), injector.installed(), running_stack(latency_factor=0) as cloud:
        yield LaptopDrill(LaptopHarness(cloud, injector))
