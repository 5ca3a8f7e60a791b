"""Snapshots of two runs do not depend on when they ran."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from coursewright.markup.formatting import day, moment
from coursewright.markup.i18n import use_language
from tests.drill.snapshot import masked

LATE = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("formatted", [day, moment])
def test_a_redrive_after_midnight_is_no_difference(formatted: Callable[[datetime], str]) -> None:
    with use_language("en"):
        before, after = (f"please decide by {formatted(at)}." for at in (LATE, NEXT_DAY))

    assert before != after
    assert masked(before, "generation") == masked(after, "generation")


def test_a_changed_word_is_a_difference() -> None:
    assert masked("1 draft", "generation") != masked("2 drafts", "generation")
