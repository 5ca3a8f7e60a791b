"""Tests which results the crash report counts as clean and which outcomes it distinguishes."""

import io
import json

from rich.console import Console

from tests.drill.cases import Case, Result
from tests.drill.fault_points import Fault, Mode, Point
from tests.drill.progress import ProgressDisplay
from tests.drill.report import Tally, as_json, print_report
from tests.drill.scenarios import MAIN

POINT = Point("write_tests", "{}", 1, 3, "dynamodb:GetItem")


def result(*, differences: tuple[str, ...] = (), again: int = 0, doubt: str = "") -> Result:
    return Result(Case(MAIN, (Fault(POINT, Mode.AFTER),), doubt), 1, 1, differences, again, 0.5)


def tally(*results: Result) -> Tally:
    counted = Tally()
    for outcome in results:
        counted.add(outcome)
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
    assert "2 runs, 2 redrives, 1 with differences, 1 model calls paid twice" in printed(paid)


def test_a_repeated_request_is_reported_apart_where_its_outcome_is_unknown() -> None:
    counted = tally(result(), result(again=1, doubt="model call"))

    assert counted.is_clean
    assert "0 model calls paid twice" in printed(counted)
    assert "1 of them failed between model call and the record of its answer" in printed(counted)


def test_no_request_is_made_a_third_time() -> None:
    assert not tally(result(again=2, doubt="model call")).is_clean


def test_the_report_is_available_as_json() -> None:
    counted = tally(result(), result(differences=("mails: unexpected a second one",)))

    report = json.loads(as_json(counted))

    assert report["rows"] == [{"cloud": "moto", "fault": "after", "runs": 2, "differing": 1}]
    assert report["problems"][0]["differences"] == ["mails: unexpected a second one"]
    assert not report["is_clean"]


def test_a_log_file_gets_occasional_progress_lines() -> None:
    console = Console(file=io.StringIO(), width=120)

    with ProgressDisplay(console, "moto", 60) as progress:
        for _ in range(60):
            progress.step()

    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line.split(" runs")[0] for line in lines] == ["moto: 50 of 60", "moto: 60 of 60"]
