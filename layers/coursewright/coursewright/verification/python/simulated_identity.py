"""Replaces `hash` and `id`, whose results differ each time an interpreter starts.

The image fixes both. The replacements are part of the image and return the real values until
a mask is set. Equal values keep equal hashes, and numbers keep theirs, which never vary.

Loaded as text into the sandbox image.
"""

import builtins
import numbers
import types
from typing import Any

from coursewright.verification.python.builtin_function import BuiltinFunction

_hash, _id = builtins.hash, builtins.id


class _Setting:
    """The bits that are flipped in each result."""

    mask = 0


def set_identity(mask: int) -> None:
    """Flip these bits in hashes and identities; zero leaves them as they are."""
    _Setting.mask = mask


def _is_fixed(value: Any) -> bool:
    """Whether a value's hash needs no variation.

    It is the same in every process, or a `__hash__` written in Python returns it, which usually
    calls `hash` and so varies it.
    """
    if isinstance(value, (tuple, frozenset)):
        return all(map(_is_fixed, value))
    return isinstance(value, numbers.Number) or isinstance(type(value).__hash__, types.FunctionType)


def _simulated_hash(value: Any, /) -> int:
    result = _hash(value)
    if not _Setting.mask or _is_fixed(value):
        return result
    varied = result ^ _Setting.mask
    return -2 if varied == -1 else varied


def _simulated_id(value: Any, /) -> int:
    return _id(value) ^ _Setting.mask


builtins.hash = BuiltinFunction(_hash, _simulated_hash)
builtins.id = BuiltinFunction(_id, _simulated_id)
