"""Detects changes to the test framework and to everything else that produces a test report.

Loaded as text into the sandbox image, where the snapshot is taken: nothing of it runs before code
under test.
"""

import builtins
import sys
import types
from operator import is_
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
FUNCTION_PARTS = ("__code__", "__defaults__", "__kwdefaults__")


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
        self._modules: dict[str, types.ModuleType] = {}
        # Each namespace with its names and values; then single attributes.
        self._namespaces: list[tuple[Any, dict[str, Any], list[Any]]] = []
        self._owners: list[Any] = []
        self._names: list[str] = []
        self._values: list[Any] = []
        self._seen: set[int] = set()

    def take(self, own_modules: list[dict[str, Any]]) -> None:
        """Take the snapshot, which includes the modules with these names."""
        self._modules = {module.__name__: module for module in _watched_modules()}
        for module in self._modules.values():
            self._add_namespace(vars(module), module.__name__)
        self._add_namespace(vars(builtins), "")
        for names in own_modules:
            self._add_namespace(names, names["__name__"])
        for core in CORE_TYPES:
            self._add_namespace(vars(core), "")

    def is_changed(self) -> bool:
        """Whether anything differs from the snapshot, or code under test traces execution."""
        return (
            sys.gettrace() is not None
            or sys.getprofile() is not None
            or any(sys.monitoring.get_tool(number) for number in range(6))
            or any(sys.modules.get(name) is not module for name, module in self._modules.items())
            or any(_is_different(*namespace) for namespace in self._namespaces)
            or not all(map(is_, map(getattr, self._owners, self._names), self._values))
        )

    def _add_namespace(self, names: Any, module: str) -> None:
        self._namespaces.append((names, dict(names), list(names.values())))
        for name, value in list(names.items()):
            if name not in REPLACEABLE and name not in FILLED_LATER:
                self._add_value(value, module)

    def _add_value(self, value: Any, module: str) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if function := _function_of(value):
            self._add_function(function, module)
        elif _is_owned(value, module):
            self._add_attribute(value, "__bases__")
            self._add_namespace(vars(value), module)
        elif module and self._is_instance(value):
            known = vars(value)
            self._namespaces.append((known, dict(known), list(known.values())))

    def _is_instance(self, value: Any) -> bool:
        """Whether a value is an object of one of the framework's own classes."""
        is_own = type(value).__module__ in self._modules and not isinstance(value, type)
        return is_own and hasattr(value, "__dict__")

    def _add_function(self, function: types.FunctionType, module: str) -> None:
        for part in FUNCTION_PARTS:
            self._add_attribute(function, part)
        for cell in function.__closure__ or ():
            self._add_attribute(cell, "cell_contents")
            self._add_value(cell.cell_contents, module)

    def _add_attribute(self, owner: Any, name: str) -> None:
        self._owners.append(owner)
        self._names.append(name)
        self._values.append(getattr(owner, name))


def _is_different(names: Any, known: dict[str, Any], values: list[Any]) -> bool:
    """Whether a namespace changed, apart from what may change."""
    if len(names) == len(values) and all(map(is_, names.values(), values)):
        return False
    ignored = REPLACEABLE | FILLED_LATER
    added = names.keys() - known.keys() - ignored
    return any(not isinstance(names[name], types.ModuleType) for name in added) or any(
        names.get(name) is not value for name, value in known.items() if name not in ignored
    )
