"""Replaces built-in functions for test runs under different conditions.

Loaded as text into the sandbox image.
"""

import gc
from collections.abc import Callable
from typing import Any


class BuiltinFunction:
    """A callable that, like a built-in function, is not bound to objects as a class attribute."""

    def __init__(self, original: Any, replacement: Callable[..., Any]) -> None:
        self._replacement = replacement
        self.__name__: str = original.__name__
        self.__qualname__: str = original.__qualname__
        self.__doc__ = original.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the replacement."""
        return self._replacement(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<built-in function {self.__name__}>"


def replace_attribute(owner: type, name: str, value: object) -> None:
    """Replace an attribute of a built-in class, which does not allow assignment.

    This must happen before the attribute is first used, because the interpreter caches it.
    """
    gc.get_referents(vars(owner))[0][name] = value
