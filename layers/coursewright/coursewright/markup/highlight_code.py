"""Colours code on the server, so that a page needs no script and no foreign style sheet."""

import ast
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.token import Token, _TokenType

from coursewright.domain.brief import Kind

CACHE_SIZE = 128  # codes in colours: a reviewer's clicks show the same ones again and again
MAX_HIGHLIGHTED_CHARS = 12_000  # characters; some patterns take time by their square
COLOURS: tuple[tuple[_TokenType, str], ...] = (
    (Token.Comment, "c"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "n"),
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Name.Function, "f"),
    (Token.Name.Class, "f"),
    (Token.Name.Builtin, "b"),
    (Token.Name.Decorator, "b"),
)


@lru_cache(CACHE_SIZE)
def code_html(code: str, kind: Kind) -> Markup:
    """Return code with its words in colours."""
    return Markup("\n").join(_lines(code, kind))


@lru_cache(CACHE_SIZE)
def module_html(code: str, prefix: str) -> Markup:
    """Return a test module in colours, each test a place of its own that a requirement leads to."""
    lines = _lines(code, Kind.PYTHON)
    parts: list[Markup] = []
    at = 0
    for name, first, last in _tests(code):
        if first < at:
            continue
        parts += [line + "\n" for line in lines[at:first]]
        body = Markup("\n").join(lines[first:last]) + "\n"
        parts.append(Markup('<span class="test" id="{}">{}</span>').format(prefix + name, body))
        at = last
    return Markup("").join([*parts, Markup("\n").join(lines[at:])])


def module_tests(code: str) -> tuple[str, ...]:
    """Name the tests of a module that `module_html` makes places of."""
    return tuple(name for name, _first, _last in _tests(code))


def last_name(test: str) -> str:
    """Return a test's last name: `LeapTest.test_a()` is `test_a`."""
    return test.removesuffix("()").strip().rpartition(".")[2]


def diff_html(diff: str) -> Markup:
    """Return a unified diff in colours; names of files stand there only if there are several."""
    lines = diff.rstrip("\n").split("\n")
    heads = {at for at in range(len(lines)) if _is_head(lines[at : at + 3])}
    seconds = {at + 1 for at in heads}
    shown = [
        Markup('<span class="at">{}</span>').format(line[4:]) if at in heads else _diff_line(line)
        for at, line in enumerate(lines)
        if at not in seconds and (at not in heads or len(heads) > 1)
    ]
    return Markup("\n").join(shown)


def _is_head(lines: list[str]) -> bool:
    starts = ("--- ", "+++ ", "@@ ")
    return len(lines) == 3 and all(map(str.startswith, lines, starts))


def _diff_line(line: str) -> Markup:
    if line.startswith("@@"):
        return Markup('<span class="at">{}</span>').format(line)
    if line.startswith("+"):
        return Markup("<ins>{}</ins>").format(line)
    return Markup("<del>{}</del>").format(line) if line.startswith("-") else escape(line)


def _lines(code: str, kind: Kind) -> list[Markup]:
    if len(code) > MAX_HIGHLIGHTED_CHARS:
        return [escape(line) for line in code.split("\n")]
    lines = [Markup("")]
    for token, text in _lexer(kind).get_tokens(code):
        first, *others = text.split("\n")
        lines[-1] += _word(token, first)
        lines += [_word(token, other) for other in others]
    return lines


def _word(token: _TokenType, text: str) -> Markup:
    colour = next((name for kind, name in COLOURS if token in kind), "") if text.strip() else ""
    return Markup('<span class="{}">{}</span>').format(colour, text) if colour else escape(text)


@cache
def _lexer(kind: Kind) -> Lexer:
    if kind == Kind.SQL:
        from pygments.lexers.sql import SqlLexer

        return SqlLexer(stripnl=False, ensurenl=False)
    from pygments.lexers.python import PythonLexer

    return PythonLexer(stripnl=False, ensurenl=False)


def _tests(code: str) -> Iterator[tuple[str, int, int]]:
    """Find each test of a module: its name, and its lines counted from 0."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    cases = [case for case in tree.body if isinstance(case, ast.ClassDef)]
    named: set[str] = set()
    for one in (one for case in cases for one in case.body):
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if one.name.startswith("test") and one.name not in named:
            named.add(one.name)
            marks = [mark.lineno for mark in one.decorator_list]
            yield one.name, min([one.lineno, *marks]) - 1, one.end_lineno or one.lineno
