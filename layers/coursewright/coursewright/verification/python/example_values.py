"""Compares the result that an example states with the one that the solution returns.

Loaded as text into the sandbox image.
"""

import ast
import math
import re
from enum import Enum
from typing import Any, NamedTuple

MAX_SHOWN_CHARS = 200
TRACEBACK = "Traceback"
ERROR_LINE = re.compile(r"(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Exit|Interrupt))\b")
# Errors that say more about how the example was read than about the solution.
UNREADABLE_ERRORS = (SyntaxError, EOFError, OSError, ImportError, MemoryError, RecursionError)
OWN_UNREADABLE_ERRORS = (NameError, AttributeError, IndexError, KeyError)
PLAIN = (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict, type(None))


class _Unclear(Enum):
    UNCLEAR = "unclear"


UNCLEAR = _Unclear.UNCLEAR


class Outcome(NamedTuple):
    """What running a step led to; `is_own` means that the error arose in the example itself."""

    value: Any
    printed: str
    error: BaseException | None
    is_own: bool


def contradicts(kind: str, stated: str, outcome: Outcome) -> bool | _Unclear:
    """Return whether an outcome contradicts what is stated about it, if that is clear."""
    if outcome.error is not None and _is_unreadable(outcome):
        return UNCLEAR
    if kind == "session":
        return _contradicts_session(stated, outcome)
    if kind == "error":
        return _contradicts_error(stated, outcome)
    if outcome.error is not None:
        return True
    if kind == "equation" and type(_literal(stated)) is not type(outcome.value):
        return UNCLEAR
    return _contradicts_value(stated, outcome)


def shown(kind: str, outcome: Outcome) -> str:
    """Return an outcome as text."""
    if outcome.error is not None:
        return f"{type(outcome.error).__name__}: {outcome.error}"[:MAX_SHOWN_CHARS]
    is_printed = outcome.value is None and bool(outcome.printed.strip())
    text = outcome.printed.strip() if is_printed else repr(outcome.value)
    return text[:MAX_SHOWN_CHARS]


def _is_unreadable(outcome: Outcome) -> bool:
    kinds = OWN_UNREADABLE_ERRORS + UNREADABLE_ERRORS if outcome.is_own else UNREADABLE_ERRORS
    return isinstance(outcome.error, kinds)


def _contradicts_error(name: str, outcome: Outcome) -> bool:
    if outcome.error is None:
        return name not in outcome.printed
    return name not in {base.__name__ for base in type(outcome.error).__mro__}


def _contradicts_session(stated: str, outcome: Outcome) -> bool | _Unclear:
    lines = stated.splitlines()
    error = ERROR_LINE.match(lines[-1])
    if stated.startswith(TRACEBACK) or (error and len(lines) == 1):
        return _contradicts_error(error[1], outcome) if error else UNCLEAR
    if outcome.error is not None:
        return True
    display = outcome.printed + ("" if outcome.value is None else repr(outcome.value))
    if _same_words(display, stated) or _same_words(display, "\n".join(lines[: _lines(display)])):
        return False
    if "..." in stated or "…" in stated or " at 0x" in display:
        return UNCLEAR
    if outcome.printed.strip():
        return outcome.value is None
    return _contradicts_value(stated if _literal(stated) is not UNCLEAR else lines[0], outcome)


def _contradicts_value(stated: str, outcome: Outcome) -> bool | _Unclear:
    """Compare a value, or what was printed if nothing was returned."""
    expected = _literal(stated)
    if expected is UNCLEAR or not isinstance(outcome.value, PLAIN):
        return UNCLEAR
    if outcome.value is None and outcome.printed.strip() and expected is not None:
        printed = _literal(outcome.printed.strip())
        if _same_words(outcome.printed, stated) or _same_words(outcome.printed, str(expected)):
            return False
        same_kind = type(printed) is type(expected)
        return not values_agree(expected, printed) if same_kind else UNCLEAR
    if values_agree(expected, outcome.value):
        return False
    return True if _are_comparable(expected, outcome.value) else UNCLEAR


def _literal(text: str) -> Any:
    try:
        return set() if text == "set()" else ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return UNCLEAR


def _are_comparable(stated: Any, actual: Any) -> bool:
    """Whether a difference counts: texts write 10 for '10', and (1, 2) for [1, 2]."""
    if isinstance(stated, (list, tuple, set, frozenset)) and isinstance(
        actual, (list, tuple, set, frozenset)
    ):
        return type(stated) is type(actual) or not _same_items(stated, actual)
    is_number = isinstance(stated, (int, float)) and not isinstance(stated, bool)
    return not (is_number and isinstance(actual, (str, bytes)))


def _same_items(stated: Any, actual: Any) -> bool:
    if len(stated) != len(actual):
        return False
    ordered = not isinstance(stated, (set, frozenset)) and not isinstance(actual, (set, frozenset))
    if ordered:
        return all(map(values_agree, stated, actual))
    return all(any(values_agree(left, right) for right in actual) for left in stated)


def values_agree(stated: Any, actual: Any) -> bool:
    """Whether two values agree; decimals need to agree only as far as they are written."""
    if isinstance(stated, float) and isinstance(actual, (int, float)):
        return _numbers_agree(stated, actual)
    if isinstance(stated, int) and isinstance(actual, float):
        return math.isclose(stated, actual, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(stated, str) and isinstance(actual, str):
        return _same_words(stated, actual)
    if isinstance(stated, (list, tuple)) and type(stated) is type(actual):
        return len(stated) == len(actual) and all(map(values_agree, stated, actual))
    if isinstance(stated, dict) and isinstance(actual, dict):
        same_keys = stated.keys() == actual.keys()
        return same_keys and all(values_agree(stated[key], actual[key]) for key in stated)
    return bool(stated == actual)


def _numbers_agree(stated: float, actual: float) -> bool:
    """Whether a number rounds, or is cut off, to the decimals of the stated one."""
    if math.isclose(stated, actual, rel_tol=1e-9, abs_tol=1e-9):
        return True
    if not math.isfinite(stated) or not math.isfinite(actual):
        return False
    decimals = len(repr(stated).partition("e")[0].partition(".")[2])
    cut = math.trunc(actual * 10**decimals) / 10**decimals
    is_longer = not math.isclose(round(actual, decimals), actual, rel_tol=1e-12)
    return is_longer and stated in (round(actual, decimals), cut)


def _same_words(left: str, right: str) -> bool:
    return left.split() == right.split()


def _lines(text: str) -> int:
    return len(text.strip().splitlines())
