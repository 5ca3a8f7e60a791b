"""Highlights code on the server, so that pages need neither scripts nor external style sheets."""

import ast
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.token import Token, _TokenType

from coursewright.domain.brief import Kind

CACHE_SIZE = 128  # highlighted texts; a reviewer's clicks display the same ones repeatedly
MAX_HIGHLIGHTED_CHARS = 12_000  # some lexer patterns take quadratic time
TOKEN_CLASSES: tuple[tuple[_TokenType, str], ...] = (
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
    """Return code as highlighted HTML."""
    return Markup("\n").join(_highlighted_lines(code, kind))


@lru_cache(CACHE_SIZE)
def module_html(code: str, prefix: str) -> Markup:
    """Return a highlighted test module in which links can target each test."""
    lines = _highlighted_lines(code, Kind.PYTHON)
    parts: list[Markup] = []
    next_line = 0
    for name, first, last in _find_tests(code):
        if first < next_line:
            continue
        parts += [line + "\n" for line in lines[next_line:first]]
        body = Markup("\n").join(lines[first:last]) + "\n"
        parts.append(Markup('<span class="test" id="{}">{}</span>').format(prefix + name, body))
        next_line = last
    return Markup("").join([*parts, Markup("\n").join(lines[next_line:])])


def module_tests(code: str) -> tuple[str, ...]:
    """Return the names of the tests that `module_html` turns into link targets."""
    return tuple(name for name, _first, _last in _find_tests(code))


def last_name(test: str) -> str:
    """Return a test's method name: `test_a` for `LeapTest.test_a()`."""
    return test.removesuffix("()").strip().rpartition(".")[2]


def diff_html(diff: str) -> Markup:
    """Return a unified diff as highlighted HTML; file names are shown only if there are several."""
    lines = diff.rstrip("\n").split("\n")
    headers = {at for at in range(len(lines)) if _is_file_header(lines[at : at + 3])}
    new_names = {at + 1 for at in headers}
    shown = [
        Markup('<span class="at">{}</span>').format(line[4:]) if at in headers else _diff_line(line)
        for at, line in enumerate(lines)
        if at not in new_names and (at not in headers or len(headers) > 1)
    ]
    return Markup("\n").join(shown)


def _is_file_header(lines: list[str]) -> bool:
    starts = ("--- ", "+++ ", "@@ ")
    return len(lines) == 3 and all(map(str.startswith, lines, starts))


def _diff_line(line: str) -> Markup:
    if line.startswith("@@"):
        return Markup('<span class="at">{}</span>').format(line)
    if line.startswith("+"):
        return Markup("<ins>{}</ins>").format(line)
    return Markup("<del>{}</del>").format(line) if line.startswith("-") else escape(line)


def _highlighted_lines(code: str, kind: Kind) -> list[Markup]:
    if len(code) > MAX_HIGHLIGHTED_CHARS:
        return [escape(line) for line in code.split("\n")]
    lines = [Markup("")]
    for token, text in _lexer(kind).get_tokens(code):
        first, *rest = text.split("\n")
        lines[-1] += _token_html(token, first)
        lines += [_token_html(token, line) for line in rest]
    return lines


def _token_html(token: _TokenType, text: str) -> Markup:
    names = (name for kind, name in TOKEN_CLASSES if token in kind)
    css_class = next(names, "") if text.strip() else ""
    if not css_class:
        return escape(text)
    return Markup('<span class="{}">{}</span>').format(css_class, text)


@cache
def _lexer(kind: Kind) -> Lexer:
    if kind == Kind.SQL:
        from pygments.lexers.sql import SqlLexer

        return SqlLexer(stripnl=False, ensurenl=False)
    from pygments.lexers.python import PythonLexer

    return PythonLexer(stripnl=False, ensurenl=False)


def _find_tests(code: str) -> Iterator[tuple[str, int, int]]:
    """Yield each test's name with its line range, counted from 0 and excluding the end."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    cases = [case for case in tree.body if isinstance(case, ast.ClassDef)]
    tests: set[str] = set()
    for node in (node for case in cases for node in case.body):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("test") and node.name not in tests:
            tests.add(node.name)
            decorators = [decorator.lineno for decorator in node.decorator_list]
            yield node.name, min([node.lineno, *decorators]) - 1, node.end_lineno or node.lineno
