"""Runs a sample of the crash drill, and checks that the drill detects differences."""

import pytest

from local.practice.server import PracticeServer
from tests.drill import pool
from tests.drill.cases import Case, doubt, sample
from tests.drill.command import SEED
from tests.drill.fault_points import ANSWER, Fault, Mode, Point
from tests.drill.on_moto import run_scenario
from tests.drill.scenarios import MAIN
from tests.drill.snapshot import masked

SIZE = 8


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crash_changes_no_stored_data(cases: list[Case]) -> None:
    chosen = sample(cases, SIZE, SEED)

    results = [pool.run_case(case) for case in chosen]

    assert [
        (str(result.case), result.differences) for result in results if not result.is_clean
    ] == []
    assert sum(result.redrives for result in results) > 0


def test_a_run_has_at_least_a_hundred_and_fifty_points(cases: list[Case]) -> None:
    assert len({case.faults[0].point for case in cases}) >= 150


def test_the_drill_detects_a_lost_record_and_a_duplicate_email(practice: PracticeServer) -> None:
    _, baseline, _ = run_scenario(practice, MAIN, ())
    _, other, _ = run_scenario(practice, MAIN, ())
    record, mail = next(iter(other.table)), next(iter(other.mails))
    other.table[record] -= 1
    other.mails[mail] += 1

    found = [difference.split(" ")[:2] for difference in baseline.differences(other)]

    assert found == [["table:", "missing"], ["mails:", "unexpected"]]


def test_an_outcome_is_unknown_only_between_a_call_and_its_record() -> None:
    calls = ["dynamodb:GetItem", "model call", "dynamodb:TransactWriteItems", ANSWER]
    points = [Point("write_tests", "{}", 1, at, call) for at, call in enumerate(calls, start=1)]

    doubted = [
        (fault.point.number, fault.mode)
        for fault in (Fault(point, mode) for point in points for mode in Mode)
        if doubt(fault.point, fault.mode, points)
    ]

    assert doubted == [(2, Mode.AFTER), (2, Mode.LOST), (3, Mode.BEFORE)]


def test_a_mail_sent_after_midnight_reads_alike() -> None:
    before = "Review: Loops, due 9 Dec … open until Saturday 9 December 2026, 23:59 UTC"
    after = "Review: Loops, due 10 Dec … open until Sunday 10 December 2026, 00:09 UTC"

    assert masked(before, "one") == masked(after, "one")
