"""Expects an export to be refused with a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from coursewright.domain.errors import ExportImpossible
from coursewright.markup.export_text import export_problems_text


@contextmanager
def refused(sentence: str) -> Iterator[None]:
    """Check that the block raises ExportImpossible and that its text contains the sentence."""
    with pytest.raises(ExportImpossible) as caught:
        yield
    assert sentence in export_problems_text(caught.value.problems)
