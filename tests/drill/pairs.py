"""Two faults in one run, chosen by hypothesis."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.drill.cases import Case
from tests.drill.fault_points import Fault, Mode

QUIET = tuple(HealthCheck)


def pairs_of(cases: Sequence[Case]) -> st.SearchStrategy[Case]:
    """Join any two cases of a story whose single faults leave nothing in doubt."""
    known = [one for one in cases if not one.doubt]
    return st.builds(joined, st.sampled_from(known), st.sampled_from(known))


def joined(first: Case, second: Case) -> Case:
    """Break a run twice; an invocation that died is broken again when it is repeated."""
    one, other = first.faults[0], second.faults[0]
    if one.point.place == other.point.place and one.mode is not Mode.LOST:
        again = replace(other.point, occurrence=other.point.occurrence + 1)
        other = Fault(again, other.mode)
    return Case(first.story, (one, other))


def two_faults(cases: Sequence[Case], size: int, number: int) -> list[Case]:
    """Choose pairs, the same for the same seed."""
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
