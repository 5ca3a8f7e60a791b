"""Everything that verification reads in a text takes time that grows linearly."""

from collections.abc import Callable
from functools import partial

import pytest

from coursewright.verification.language import check_language
from coursewright.verification.python.argument_protection import forbids_changes
from coursewright.verification.python.example_reader import read_examples
from coursewright.verification.python.static_checks import _compares_type, _is_stated
from coursewright.verification.sql.example_tables import _parts
from coursewright.verification.sql.portability_doubts import named_databases
from coursewright.verification.sql.requested_order import requested_order
from coursewright.verification.task_text import plain_text, prose, read_text
from tests.growth import grows_linearly

SIZE = 20_000  # the longest text
UNITS = (
    *("a", "_", "1", ".", "(", "a(", "a.", "Aa", '"', "“", "„", "«", "‘", "“a„b«c‘"),
    *("<", "<a", "<p>", "<code>", "</code>", "<pre>", "<td>", "<!--", "<a b='", "&#9", "`", "|"),
    *(" ", "\n", " \n", "\t", "```\n", "|a|\n", "\xa0", ". ", "a. ", "- "),
    *(
        "f(",
        "f((",
        "f()",
        "f(1) ",
        "f(1) = 1 ",
        "f(1) = 1. ",
        "f(1) = 1 and ",
        "f(1)[",
        "f(1).f",
        'f("\\"',
        "f('",
    ),
    *("f(1) #", "f(1)\n", "f(1)  # 2\n", ">>> f(1)\n2\n", ">>> ", "... ", "#", "=", "-", "-+"),
    *(
        "f(1) will ",
        "returns the ",
        "should ",
        "not a ",
        "not ",
        "ordered by ",
        "highest ",
        "first ",
    ),
    *("type(", "isinstance(", "SQL ", "INSERT INTO a VALUES (1);\n", "must "),
)
BEGINNINGS = ("f(1)", "f(1) returns", "f(1) #", "f(1) = 1", "f(1) = [", "f(1) = '", "<p>f(1)", "f(")
FIELDS: dict[str, Callable[[str], object]] = {
    "pieces": lambda text: (prose(read_text(text)), plain_text(read_text(text))),
    "language": lambda text: check_language(text, "zz"),
    "examples in prose": lambda text: _examples("prose", text),
    "examples in code": lambda text: _examples("block", text),
    "protected arguments": forbids_changes,
    "errors' types": _compares_type,
    "messages": lambda text: _is_stated(text, text),
    "tables": lambda text: list(_parts([{"kind": "block", "text": text}])),
    "databases": named_databases,
    "order": requested_order,
}
TEXTS: dict[str, tuple[str, str, str]] = {
    **{repr(unit): ("", unit, "") for unit in UNITS},
    **{f"{begin!r} and {unit!r}": (begin, unit, "x") for begin in BEGINNINGS for unit in " #=,)a"},
}


def _examples(kind: str, text: str) -> object:
    return read_examples([{"kind": kind, "text": text}], {"f", "g"})


def _read(read: Callable[[str], object], parts: tuple[str, str, str], size: int) -> object:
    first, unit, last = parts
    return read(first + unit * (size // len(unit)) + last)


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
def test_the_worst_text_is_read_in_linear_time(field: str) -> None:
    slow = [
        name
        for name, parts in TEXTS.items()
        if not grows_linearly(partial(_read, FIELDS[field], parts), SIZE)
    ]

    assert slow == []


@pytest.mark.parametrize("nested", [f"f({'-' * 5_000}1) = 2", f"f(1){'.f(1)' * 5_000}"])
def test_deep_nesting_in_examples_is_no_error(nested: str) -> None:
    prose = read_examples([{"kind": "prose", "text": nested}], {"f"})
    block = read_examples([{"kind": "block", "text": nested}], {"f"})

    assert max(len(prose), len(block)) <= 1
