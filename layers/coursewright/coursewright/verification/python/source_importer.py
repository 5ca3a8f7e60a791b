"""Imports the code under test without leaving its source where it can be read.

A solution that could read the tests' source could compute results from it.

Loaded as text into the sandbox image.
"""

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import pathlib
import re
import sys
import types
from typing import Any

from coursewright.verification.python.set_order import vary_sets

# Words that occur in tests that look for source files, including their own.
FINDS_FILES = re.compile(
    r"\b(__file__|inspect|linecache|listdir|scandir|walk|r?glob|iterdir|read_code|runpy|run_path"
    r"|tokenize|spec_from_file_location)\b"
)


class _Module:
    """A compiled module, or the error raised by compiling it."""

    def __init__(self, name: str, source: str, set_order: int, *, is_tests: bool) -> None:
        self.code: types.CodeType | None = None
        self.error: BaseException | None = None
        self.added: dict[str, Any] = {}
        self.finds_files = False
        try:
            self._compile(f"{name}.py", source, set_order, is_tests=is_tests)
        except BaseException as error:  # noqa: BLE001  a draft may exhaust the parser in any way
            self.error = error

    def get_code(self) -> types.CodeType:
        """Return the compiled code, or raise the error from compiling it."""
        if self.code is None:
            raise self.error or ImportError("no code")
        return self.code

    def _compile(self, file_name: str, source: str, set_order: int, *, is_tests: bool) -> None:
        self.finds_files = is_tests and bool(FINDS_FILES.search(source) or file_name in source)
        if not set_order:
            self.code = compile(source, file_name, "exec", dont_inherit=True)
            return
        tree = ast.parse(source, file_name)
        self.added = vary_sets(tree, set_order)
        self.code = compile(tree, file_name, "exec", dont_inherit=True)


class SourceImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports modules from their compiled sources, under their own names."""

    def __init__(
        self, sources: dict[str, str], tests_module: str, *, set_order: int, is_explained: bool
    ) -> None:
        self.errors: dict[str, BaseException] = {}
        self._modules = {
            name: _Module(name, text, set_order, is_tests=name == tests_module)
            for name, text in sources.items()
        }
        for name, source in sources.items():
            is_readable = name != tests_module or self._modules[name].finds_files
            if is_readable:
                text = source.encode("utf-8", "replace")
                pathlib.Path(f"{name}.py").write_bytes(text)
            if is_readable or is_explained:
                lines = source.splitlines(keepends=True)
                linecache.cache[f"{name}.py"] = (len(source), None, lines, f"{name}.py")

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the specification of a module of the draft."""
        if name not in self._modules:
            return None
        return importlib.util.spec_from_loader(name, self, origin=f"{name}.py")

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave the creation of the module to the interpreter."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute a module, and store its error if it raises one."""
        name = module.__name__
        compiled = self._modules[name]
        module.__file__ = f"{name}.py"
        module.__dict__.update(compiled.added)
        try:
            exec(compiled.get_code(), module.__dict__)  # noqa: S102
        except BaseException as error:
            self.errors[name] = error
            raise

    def files(self) -> set[str]:
        """Return the names of the files under test."""
        return {f"{name}.py" for name in self._modules}

    def forget(self) -> None:
        """Remove the modules, so that the next import executes them again."""
        for name in self._modules:
            with contextlib.suppress(KeyError):
                del sys.modules[name]
