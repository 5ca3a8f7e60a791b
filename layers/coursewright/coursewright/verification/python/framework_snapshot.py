"""Detects changes to the test framework and to everything else that produces a test report.

Loaded as text into the sandbox image, where the snapshot is taken: nothing of it runs before code
under test.
"""

import builtins
import sys
import types
from collections.abc import Iterator
from typing import Any

WATCHED = {
    "unittest",
    "json",
    "contextlib",
    "traceback",
    "types",
    "reprlib",
    "linecache",
    "difflib",
}
CORE_TYPES = (object, type, int, str, list, dict, tuple, set, bool, float, BaseException)
# What test files may set: where printed text goes, and how much of a difference is shown.
REPLACEABLE = {"input", "print", "open", "_", "__warningregistry__", "maxDiff", "longMessage"}
# What the interpreter fills in by itself.
FILLED_LATER = {
    *("__annotations__", "__annotations_cache__", "__annotate__", "__annotate_func__"),
    *("__abstractmethods__", "_abc_impl", "__doc__", "__dict__", "__weakref__"),
}
FUNCTION_PARTS = ("__code__", "__defaults__", "__kwdefaults__", "__closure__")
Entry = tuple[Any, str, Any]


def _watched_modules() -> list[types.ModuleType]:
    loaded = list(sys.modules.items())
    return [module for name, module in loaded if name.partition(".")[0] in WATCHED]


def _function_of(value: Any) -> Any:
    inner = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
    return inner if isinstance(inner, types.FunctionType) else None


def _is_owned(value: Any, module: str) -> bool:
    return isinstance(value, type) and getattr(value, "__module__", None) == module


class Snapshot:
    """The framework's modules, classes, functions and objects, as they are when it is taken."""

    def __init__(self) -> None:
        self._names: list[tuple[dict[str, Any], frozenset[str]]] = []
        self._items: list[Entry] = []
        self._attributes: list[Entry] = []
        self._seen: set[int] = set()
        self._modules: dict[str, types.ModuleType] = {}

    def take(self, own_modules: list[dict[str, Any]]) -> None:
        """Take the snapshot, which includes the modules with these names."""
        self._modules = {module.__name__: module for module in _watched_modules()}
        for module in self._modules.values():
            self._add_names(vars(module), module.__name__)
        self._add_names(vars(builtins), "")
        for names in own_modules:
            self._add_names(names, names["__name__"])
        for core in CORE_TYPES:
            self._add_names(vars(core), "")

    def is_changed(self) -> bool:
        """Whether anything differs from the snapshot, or code under test traces execution."""
        return (
            sys.gettrace() is not None
            or sys.getprofile() is not None
            or any(sys.monitoring.get_tool(number) for number in range(6))
            or any(sys.modules.get(name) is not module for name, module in self._modules.items())
            or any(self._added(names, known) for names, known in self._names)
            or any(names.get(name) is not value for names, name, value in self._items)
            or any(getattr(owner, name) is not value for owner, name, value in self._attributes)
        )

    def _added(self, names: Any, known: frozenset[str]) -> bool:
        if len(names) == len(known):
            return False
        new = names.keys() - known - REPLACEABLE - FILLED_LATER
        return any(not isinstance(names[name], types.ModuleType) for name in new)

    def _add_names(self, names: Any, module: str) -> None:
        self._names.append((names, frozenset(names)))
        for name, value in list(names.items()):
            if name in REPLACEABLE or name in FILLED_LATER:
                continue
            self._items.append((names, name, value))
            self._add_value(value, module)

    def _add_value(self, value: Any, module: str) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if function := _function_of(value):
            self._attributes += list(self._function_entries(function, module))
        elif _is_owned(value, module):
            self._attributes.append((value, "__bases__", value.__bases__))
            self._add_names(vars(value), module)
        elif module and self._is_instance(value):
            self._items += [(vars(value), name, part) for name, part in vars(value).items()]

    def _is_instance(self, value: Any) -> bool:
        """Whether a value is an object of one of the framework's own classes."""
        is_own = type(value).__module__ in self._modules and not isinstance(value, type)
        return is_own and hasattr(value, "__dict__")

    def _function_entries(self, function: types.FunctionType, module: str) -> Iterator[Entry]:
        yield from ((function, part, getattr(function, part)) for part in FUNCTION_PARTS)
        for cell in function.__closure__ or ():
            yield cell, "cell_contents", cell.cell_contents
            self._add_value(cell.cell_contents, module)
