"""The crash report: what counts as clean, and what is told apart."""

import io
import json

from rich.console import Console

from tests.drill.cases import Case, Result
from tests.drill.fault_points import Fault, Mode, Point
from tests.drill.progress import Watch
from tests.drill.report import Tally, as_json, print_report
from tests.drill.scenarios import MAIN

POINT = Point("write_tests", "{}", 1, 3, "dynamodb:GetItem")


def result(*, differences: tuple[str, ...] = (), again: int = 0, doubt: str = "") -> Result:
    return Result(Case(MAIN, (Fault(POINT, Mode.AFTER),), doubt), 1, 1, differences, again, 0.5)


def tally(*results: Result) -> Tally:
    counted = Tally()
    for one in results:
        counted.add(one)
    return counted


def printed(counted: Tally) -> str:
    console = Console(file=io.StringIO(), width=120)
    print_report(console, counted)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_drill_without_a_run_is_not_clean() -> None:
    assert not Tally().is_clean


def test_a_missing_record_and_a_second_payment_are_differences() -> None:
    lost = tally(result(), result(differences=("table: missing a draft",)))
    paid = tally(result(), result(again=1))

    assert not lost.is_clean
    assert not paid.is_clean
    assert "2 runs, 2 redrives, 1 differing, 1 model calls paid twice" in printed(paid)


def test_a_repeated_request_is_told_apart_where_nobody_can_know() -> None:
    counted = tally(result(), result(again=1, doubt="model call"))

    assert counted.is_clean
    assert "0 model calls paid twice" in printed(counted)
    assert "1 of them broke between model call and its note" in printed(counted)


def test_nobody_asks_a_third_time() -> None:
    assert not tally(result(again=2, doubt="model call")).is_clean


def test_machines_read_the_same_report() -> None:
    counted = tally(result(), result(differences=("mails: besides a second one",)))

    told = json.loads(as_json(counted))

    assert told["rows"] == [{"cloud": "moto", "fault": "after", "runs": 2, "differing": 1}]
    assert told["problems"][0]["differences"] == ["mails: besides a second one"]
    assert not told["is_clean"]


def test_a_log_file_gets_a_line_now_and_then() -> None:
    console = Console(file=io.StringIO(), width=120)

    with Watch(console, "moto", 60) as watch:
        for _ in range(60):
            watch.step()

    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line.split(" runs")[0] for line in lines] == ["moto: 50 of 60", "moto: 60 of 60"]
