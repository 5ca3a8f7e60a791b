"""Describes test errors by the code under test, its local values and the message.

Loaded as text into the sandbox image.
"""

import ast
import linecache
import re
import reprlib
import traceback
import types

MAX_MESSAGE_CHARS = 600
MAX_LOCALS_CHARS = 200
NAME = re.compile(r"[A-Za-z_]\w*")


def describe_error(error: BaseException, files: set[str]) -> dict[str, str]:
    """Describe an error by the frames of the code under test, local values and the message."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    where = "".join(f"{f.filename}:{f.lineno} in {f.name}: {f.line}\n"[:120] for f in frames[-2:])
    where += _local_values(error, files)
    what = "".join(traceback.format_exception_only(error)).strip()
    available = MAX_MESSAGE_CHARS - len(where) - 1
    return {
        "error": type(error).__name__,
        "file_name": frames[-1].filename if frames else "",
        "message": clean_text(
            where + (what if len(what) <= available else what[: available - 1] + "…")
        ),
    }


def _local_values(error: BaseException, files: set[str]) -> str:
    """Return the values of the local names used in the failing line, one per line."""
    frames = _frames_in(files, error)
    if not frames:
        return ""
    frame, number = frames[0]
    line = linecache.getline(_file_name(frame), number)
    names = [name for name in dict.fromkeys(NAME.findall(line)) if name in frame.f_locals]
    values = (f"{name} = {_format_value(frame.f_locals[name])}" for name in names if name != "self")
    return "".join(f"with {value}\n" for value in values)[:MAX_LOCALS_CHARS]


def find_bare_assert(error: BaseException, files: set[str]) -> tuple[types.FrameType, int] | None:
    """Return the frame and line of a failed plain `assert`, whose error has no message."""
    frames = _frames_in(files, error)
    return frames[0] if frames and type(error) is AssertionError and not str(error) else None


def _frames_in(files: set[str], error: BaseException) -> list[tuple[types.FrameType, int]]:
    walked = traceback.walk_tb(error.__traceback__)
    return [(frame, number) for frame, number in walked if _file_name(frame) in files]


def compared_values(frame: types.FrameType, number: int) -> str:
    """Evaluate both sides of a failed comparison again, after all tests have finished."""
    try:
        (statement,) = ast.parse(linecache.getline(_file_name(frame), number).strip()).body
        assert isinstance(statement, ast.Assert)
        assert isinstance(statement.test, ast.Compare)
        sides = (statement.test.left, *statement.test.comparators)
        left, right = (
            eval(compile(ast.Expression(side), "", "eval"), frame.f_globals, frame.f_locals)  # noqa: S307
            for side in sides
        )
        return f"\n{_format_value(left)} and {_format_value(right)}"
    except BaseException:  # noqa: BLE001  code under test may raise anything
        return ""


def _file_name(frame: types.FrameType) -> str:
    return frame.f_code.co_filename


def _format_value(value: object) -> str:
    try:
        return reprlib.repr(value)
    except BaseException:  # noqa: BLE001  a value may raise anything
        return f"<{type(value).__name__}>"


def clean_text(text: str) -> str:
    """Truncate a text and replace lone surrogates, which JSON cannot represent."""
    return text[:MAX_MESSAGE_CHARS].encode("utf-8", "replace").decode("utf-8")
