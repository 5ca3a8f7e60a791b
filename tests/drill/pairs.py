"""Generates cases with two faults in one run, using Hypothesis."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.drill.cases import Case
from tests.drill.fault_points import Fault, Mode

QUIET = tuple(HealthCheck)


def pairs_of(cases: Sequence[Case]) -> st.SearchStrategy[Case]:
    """Return a strategy that joins two cases whose outcomes are knowable."""
    certain = [case for case in cases if not case.doubt]
    return st.builds(joined, st.sampled_from(certain), st.sampled_from(certain))


def joined(first: Case, second: Case) -> Case:
    """Join two cases; if the first kills the second's invocation, the second hits its retry."""
    earlier, later = first.faults[0], second.faults[0]
    if earlier.point.place == later.point.place and earlier.mode is not Mode.LOST:
        repeated = replace(later.point, occurrence=later.point.occurrence + 1)
        later = Fault(repeated, later.mode)
    return Case(first.scenario, (earlier, later))


def two_faults(cases: Sequence[Case], size: int, number: int) -> list[Case]:
    """Choose random pairs of faults, reproducible by seed."""
    chosen: dict[tuple[Fault, ...], Case] = {}

    @seed(number)
    @settings(
        max_examples=size, database=None, phases=[Phase.generate], suppress_health_check=QUIET
    )
    @given(pairs_of(cases))
    def choose(case: Case) -> None:
        if case.faults[0] != case.faults[1]:
            chosen[case.faults] = case

    if size:
        choose()
    return list(chosen.values())
