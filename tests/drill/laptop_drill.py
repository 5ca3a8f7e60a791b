"""Every crash point once on the laptop cloud, several generations at a time."""

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

from local.stack import running
from tests.drill.caching import steady_models
from tests.drill.cases import Case, Result, doubt
from tests.drill.fault_injector import Backstage
from tests.drill.fault_points import Fault, Mode
from tests.drill.on_laptop import LaptopRun, LaptopStage
from tests.drill.scenarios import MAIN
from tests.drill.snapshot import Remains, item_text, masked

AT_ONCE = 4
CLOUD = "laptop cloud"
# Made from the run's own name: assignments and publications, and the seal of what names the run.
NAMES = re.compile(r"\b[0-9a-f]{16}\b|(?<=\| sha256=)[0-9a-f]{64}\b")


class LaptopDrill:
    """The laptop cloud, a run without a fault, and runs with one."""

    def __init__(self, stage: LaptopStage) -> None:
        self.stage = stage
        self.faultless = stage.play(MAIN, ())
        self.points = sorted(set(self.faultless.directed.director.seen))
        self._played: list[tuple[Case, LaptopRun | None, str, float]] = []

    def cases(self) -> list[Case]:
        """Break each point once, in each way by turns."""
        modes = itertools.cycle(Mode)
        return [
            Case(MAIN, (Fault(point, mode),), doubt(point, mode, self.points))
            for point, mode in zip(self.points, modes, strict=False)
        ]

    def play(self, cases: Sequence[Case], *, at_once: int = AT_ONCE) -> Iterator[Case]:
        """Play cases side by side, as they finish."""
        threads = ThreadPoolExecutor(at_once)
        try:
            for done in as_completed([threads.submit(self._play, case) for case in cases]):
                yield done.result()
        finally:  # who breaks off does not wait for the others
            threads.shutdown(wait=False, cancel_futures=True)

    def _play(self, case: Case) -> Case:
        began, problem, run = time.monotonic(), "", None
        try:
            run = self.stage.play(case.story, case.faults)
        except Exception as stuck:  # noqa: BLE001 – whatever ends a run early is a difference
            problem = f"{type(stuck).__name__}: {stuck}"
        self._played.append((case, run, problem, time.monotonic() - began))
        return case

    def results(self) -> list[Result]:
        """Compare what each generation left with what the one without a fault left."""
        left = Leavings(self.stage)
        whole = left.of(self.faultless)
        return [
            self._result(case, run, problem, seconds, left, whole)
            for case, run, problem, seconds in self._played
        ]

    def _result(
        self,
        case: Case,
        run: LaptopRun | None,
        problem: str,
        seconds: float,
        left: "Leavings",
        whole: Remains,
    ) -> Result:
        if run is None:
            return Result(case, len(case.faults), 0, (problem,), 0, seconds, CLOUD)
        mine = left.of(run)
        return Result(
            case,
            struck=len(run.directed.director.struck),
            redrives=run.redrives,
            differences=tuple(whole.differences(mine)),
            paid_again=whole.paid_again(mine),
            seconds=seconds,
            cloud=CLOUD,
        )


class Leavings:
    """What all generations left on one cloud, read once."""

    def __init__(self, stage: LaptopStage) -> None:
        laptop = stage.laptop
        pages = stage.table.get_paginator("scan").paginate(TableName=stage.table_name)
        self._items = [item for page in pages for item in page["Items"]]
        self._mails = laptop.mails()
        self._published = list(_drained(laptop.received_publications))
        self._paid = list(stage.backstage.paid)
        self._keys = list(_keys(laptop.client("s3"), laptop.outputs["ContentBucketName"]))
        self._stage = stage

    def of(self, run: LaptopRun) -> Remains:
        """Return what one generation left, without its own names."""
        names = {run.module: "<module>", run.reviewer_address: "<reviewer>"}

        def told(texts: Iterable[str]) -> Counter[str]:
            return Counter(_renamed(masked(text, run.generation), names) for text in texts)

        marks = (run.generation, run.module)
        items = (item for item in self._items if _is_of(item, marks))
        mails = (one for one in self._mails if run.reviewer_address in one.recipients)
        return Remains(
            end=run.status(),
            table=told(item_text(item, run.generation) for item in items),
            objects=told(key for key in self._keys if any(mark in key for mark in marks)),
            mails=told(f"{one.recipients} {one.subject} {one.text}" for one in mails),
            publications=told({one for one in self._published if run.generation in one}),
            paid=Counter((tool, sha) for name, tool, sha in self._paid if name == run.generation),
        )


def _is_of(item: dict[str, Any], marks: tuple[str, str]) -> bool:
    generation, module = marks
    partition, sort = item["PK"]["S"], item["SK"]["S"]
    return generation in f"{partition} {sort}" or module in partition.split("#")


def _renamed(text: str, names: dict[str, str]) -> str:
    for name, word in names.items():
        text = text.replace(name, word)
    return NAMES.sub("<id>", text)


def _drained(receive: Callable[[], list[Any]]) -> Iterator[str]:
    """Read what was announced; the bus may bring it twice, under the same publication's name."""
    while messages := receive():
        yield from (f"{one['detail-type']} {one['detail']}" for one in messages)


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (one["Key"] for one in page.get("Contents", []))


@contextmanager
def laptop_drill() -> Iterator[LaptopDrill]:
    """Start a laptop cloud, direct it, and play the run without a fault."""
    backstage = Backstage()
    with steady_models(), backstage.at_work(), running(latency_factor=0) as cloud:
        yield LaptopDrill(LaptopStage(cloud, backstage))
