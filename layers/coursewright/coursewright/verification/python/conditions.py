"""The conditions of a test run, which must not influence its outcome."""

from typing import Literal

from coursewright.domain.base import Record

Order = Literal["given", "reversed", "alone"]


class Conditions(Record):
    """Everything about a run that differs between two machines, two days or two test runners."""

    seed: int = 11
    order: Order = "given"
    # The order in which sets iterate: their own, or one of three others.
    set_order: Literal[0, 1, 2, 3] = 0
    # A POSIX timestamp, or zero for the real time.
    moment: int = 0
    zone_minutes: int = 0
    # The bits to flip in the results of `hash` and `id`.
    identity_mask: int = 0
    # The only test to run, or an empty string for all tests.
    only: str = ""


FIRST = Conditions()
# Saturday, 28 February 2037, in Tokyo; Wednesday, 3 August 2016, in Phoenix; and Thursday,
# 29 February 2024, in Mumbai.
REVERSED = Conditions(
    seed=23,
    order="reversed",
    set_order=1,
    moment=2_119_390_200,
    zone_minutes=540,
    identity_mask=0x5A5A5A50,
)
OTHER = Conditions(
    seed=47,
    set_order=2,
    moment=1_470_190_500,
    zone_minutes=-420,
    identity_mask=0x2B3C4D50,
)
ALONE = Conditions(
    seed=31,
    order="alone",
    set_order=3,
    moment=1_709_208_000,
    zone_minutes=330,
    identity_mask=0x13577530,
)
REPEATS = (REVERSED, OTHER, ALONE)
# Runs with mutated expected values use the conditions of repeats, because code under test must not
# be able to tell them apart.
FOR_MUTATED_VALUES = (REVERSED, OTHER)
