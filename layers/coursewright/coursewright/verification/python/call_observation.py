"""Observes the behaviour of a call: its result, and what it prints and changes.

Loaded as text into the sandbox image.
"""

import pathlib
import re
import sys
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_VALUE_CHARS = 300
MAX_ATTRIBUTES = 20
MAX_FILES = 20
MAX_WRITES = 200
TEMPORARY_NAME = re.compile(r"\btmp[a-z0-9_]{8}\b")


class Call(NamedTuple):
    """A call and its observable behaviour as text: result or error, and what it changed.

    `printed`, `arguments` and `files` are empty if the call printed or changed nothing. The
    attributes are the public ones, after the call, of the object and of arguments that are objects.
    """

    text: str
    result: str
    error: str = ""
    printed: str = ""
    arguments: str = ""
    files: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


def format_value(value: Any) -> str:
    """Return a value as text, without addresses and the random names of temporary files."""
    try:
        text = re.sub(r" at 0x[0-9a-f]+", "", repr(value))
    except Exception as error:  # noqa: BLE001  a draft's own __repr__ may raise anything
        return f"<{type(value).__name__}: {type(error).__name__}>"
    return TEMPORARY_NAME.sub("tmp", text)[:MAX_VALUE_CHARS]


def _format_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    named = (f"{name}={format_value(value)}" for name, value in kwargs.items())
    return ", ".join([*map(format_value, args), *named])


def _public_attributes(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, (type, types.ModuleType, types.FunctionType)):
        return
    names = [*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())]
    public = sorted(name for name in names if isinstance(name, str) and name[:1] != "_")
    for attribute in public[:MAX_ATTRIBUTES]:
        yield f"{name}.{attribute}", format_value(getattr(value, attribute, None))


class Observation:
    """Observes what a call prints, and what it changes in arguments, attributes and files."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs
        self.arguments = _format_arguments(args, kwargs)
        self.text = f"{name}({self.arguments})"

    def __enter__(self) -> "Observation":
        self._files = self.files()
        self._out, self._error = sys.stdout, sys.stderr
        self._printed: list[str] = []
        sys.stdout = _Tee(sys.stdout, self._printed)
        sys.stderr = _Tee(sys.stderr, self._printed)
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(sys.stdout, _Tee):
            sys.stdout = self._out
        if isinstance(sys.stderr, _Tee):
            sys.stderr = self._error

    def files(self) -> dict[str, str]:
        """Return the written files, which are not observed unless the solution may write any."""
        return {}

    def call(self, owner: tuple[Any, ...], result: str, error: str = "") -> Call:
        """Return the call with everything observed."""
        after, files = _format_arguments(self.args, self.kwargs), self.files()
        changed = {name: text for name, text in files.items() if self._files.get(name) != text}
        changed |= {name: "removed" for name in self._files if name not in files}
        named = [*(("self", value) for value in owner), *self._named_arguments()]
        return Call(
            self.text,
            result[:MAX_VALUE_CHARS],
            error,
            printed=_without_trailing_blanks("".join(self._printed)),
            arguments="" if after == self.arguments else after,
            files=repr(changed) if changed else "",
            attributes=tuple(
                pair for name, value in named for pair in _public_attributes(name, value)
            ),
        )

    def _named_arguments(self) -> list[tuple[str, Any]]:
        numbered = ((f"argument {number}", value) for number, value in enumerate(self.args, 1))
        return [*numbered, *self.kwargs.items()]


class ObservationWithFiles(Observation):
    """Also observes written files, which takes longer."""

    def files(self) -> dict[str, str]:
        """Return the beginning of each file in the working directory."""
        paths = sorted(p for p in pathlib.Path().rglob("*") if p.is_file())[:MAX_FILES]
        texts = {str(p): p.read_bytes()[:MAX_VALUE_CHARS].decode("utf-8", "replace") for p in paths}
        return {TEMPORARY_NAME.sub("tmp", name): text for name, text in texts.items()}


def _without_trailing_blanks(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))


class _Tee:
    """A stream that also stores what is written to it."""

    def __init__(self, stream: Any, stored: list[str]) -> None:
        self.stream, self.stored = stream, stored

    def write(self, text: str) -> Any:
        if len(self.stored) < MAX_WRITES:
            self.stored.append(text[:MAX_VALUE_CHARS])
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def read_input(prompt: object = "") -> str:
    """Stand in for ``input``: the prompt does not count as printed text."""
    stream = sys.stdout.stream if isinstance(sys.stdout, _Tee) else sys.stdout
    stream.write(str(prompt))
    if not (line := sys.stdin.readline()):
        raise EOFError("EOF when reading a line")
    return line.removesuffix("\n")
