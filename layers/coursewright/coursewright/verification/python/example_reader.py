"""Reads the examples in a task's text: calls with the results that the text states for them.

Whatever cannot be read with certainty is left out. Loaded as text into the sandbox image.
"""

import ast
import builtins
import itertools
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from coursewright.verification.python.example_phrases import (
    COMMENT_LEAD,
    DENIED_BEFORE,
    OPENING_PHRASE,
    RAISED,
    UNREADABLE,
    contradicts_itself,
    split_literal,
    whole_literal,
)

CODE_START, CODE_END = "\x02", "\x03"
MAX_EXAMPLES = 100
MAX_BRACKETS = 50  # within one another
MAX_CHARS_BEFORE = 400  # that are read before a call
PROMPT, CONTINUATION = re.compile(r"\s*>>> ?(.*)"), re.compile(r"\s*\.\.\.(?: (.*)|$)")
PREPARING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Import, ast.ImportFrom, ast.Expr)
SEPARABLE = re.compile(r"\b(?:gibt|soll)\b", re.IGNORECASE)  # “gibt 4 zurück”, but “gibt 4 aus”
BULLET = re.compile(r"^\s*(?:[*+-]|\d+[.)])\s+")
CHAINED = re.compile(r"(?:\.[A-Za-z_]\w*+)?[(\[]|\.[A-Za-z_]\w*+")
OPENERS, CLOSERS = "([{", ")]}"
STRING = re.compile(r"(?:\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')")


class Step(NamedTuple):
    """A statement of an example: what it does (`kind`), and what the text states about it.

    The kinds are `value`, `equation` (a value after “=”), `printed`, `session` (what an interpreter
    displays) and `error`; a statement without a kind prepares the next ones.
    """

    code: str
    kind: str = ""
    stated: str = ""


Example = list[Step]


def read_examples(pieces: Iterable[dict[str, Any]], names: set[str]) -> list[Example]:
    """Return a text's examples that call one of these names; each runs on its own."""
    examples: list[Example] = []
    lines: list[str] = []
    for piece in [*pieces, {"kind": "end"}]:
        text = piece.get("text", "").replace("\xa0", " ")
        if piece["kind"] == "prose":
            lines.append(text)
            continue
        examples += _read_prose(lines, names)
        lines = []
        if piece["kind"] == "block":
            examples += _read_block(text, names)
        elif piece["kind"] == "row":
            examples += _read_row([str(cell) for cell in piece["cells"]], names)
    stated = [example for example in examples if any(step.kind for step in example)]
    return _without_rivals(stated)[:MAX_EXAMPLES]


def _without_rivals(examples: list[Example]) -> list[Example]:
    """Leave out single calls with different results: the calls may build on each other."""
    results: dict[str, set[str]] = {}
    for step in (example[0] for example in examples if len(example) == 1):
        results.setdefault(step.code, set()).add(step.stated)
    return [each for each in examples if len(each) > 1 or len(results[each[0].code]) == 1]


def read_session(text: str) -> Example:
    """Return the statements after `>>>` with the lines that follow them."""
    steps, lines, at = [], text.splitlines(), 0
    while at < len(lines):
        prompt = PROMPT.fullmatch(lines[at])
        at += 1
        if not prompt:
            continue
        code = [prompt[1]]
        while at < len(lines) and (more := CONTINUATION.fullmatch(lines[at])):
            code.append(more[1] or "")
            at += 1
        shown = []
        while at < len(lines) and lines[at].strip() and not PROMPT.fullmatch(lines[at]):
            shown.append(lines[at].strip())
            at += 1
        steps.append(_session_step("\n".join(code).strip(), "\n".join(shown)))
    return steps


def _session_step(code: str, shown: str) -> Step:
    if "# doctest" in code:
        return Step(code)
    if shown:
        return Step(code, "session", shown)
    try:
        equality = _equality(ast.parse(code, mode="eval").body)
    except UNREADABLE:
        equality = None
    return Step(equality[0], "value", equality[1]) if equality else Step(code)


def _read_prose(lines: list[str], names: set[str]) -> Iterator[Example]:
    """Yield the session among some lines, and every example in a line of its own."""
    if session := read_session("\n".join(lines)):
        yield session
    is_session = False
    for line in lines:
        is_session = bool(line.strip()) and (is_session or bool(PROMPT.fullmatch(line)))
        if not is_session:
            yield from ([step] for step in read_line(line, names))


def _read_block(text: str, names: set[str]) -> Iterator[Example]:
    if ">>>" in text and (session := read_session(text)):
        yield session
        return
    try:
        steps = _read_program(textwrap.dedent(text), names)
    except UNREADABLE:
        steps = None
    by_line = ([step] for line in text.splitlines() for step in read_line(line, names))
    yield from by_line if steps is None else [steps]


def _read_program(program: str, names: set[str]) -> Example | None:
    statements = ast.parse(program).body
    is_plain = all(isinstance(s, (*PREPARING, ast.Assert)) for s in statements)
    return list(_program_steps(program, statements, names)) if is_plain and statements else None


def _program_steps(program: str, statements: list[ast.stmt], names: set[str]) -> Iterator[Step]:
    """Yield the steps of a program whose comments or comparisons state results."""
    lines = program.splitlines()
    for statement in statements:
        source = ast.unparse(statement)
        test = getattr(statement, "test", getattr(statement, "value", None))
        is_bare = isinstance(statement, (ast.Expr, ast.Assert))
        equality = _equality(test) if is_bare and test and _calls(test, names) else None
        if equality:
            yield Step(equality[0], "value", equality[1])
        elif isinstance(statement, ast.Expr) and _calls(statement, names):
            end = statement.end_lineno or 0
            comment = lines[end - 1].encode()[statement.end_col_offset :].decode("utf-8", "replace")
            if not comment.strip() and end < len(lines) and COMMENT_LEAD.match(lines[end]):
                comment = lines[end]
            yield _commented(source, comment)
        elif not isinstance(statement, ast.Assert):
            yield Step(source)


def _commented(source: str, comment: str) -> Step:
    """Return a step whose result is stated in a comment, if it is."""
    stated = comment.strip()
    if not stated.startswith("#"):
        return Step(source)
    stated = stated.lstrip("#").strip()
    lead = COMMENT_LEAD.match(f"# {stated}")
    if lead:
        stated = f"# {stated}"[lead.end() :].strip()
    if raised := RAISED.match(stated):
        return Step(source, "error", raised[1])
    literal, tail = split_literal(stated)
    if literal and not contradicts_itself(tail):
        return Step(source, "printed" if source.startswith("print(") else "value", literal)
    return Step(source)


def _equality(test: ast.AST) -> tuple[str, str] | None:
    """Return both sides of a comparison of a call with a literal."""
    is_equality = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq)
    if not isinstance(test, ast.Compare) or not is_equality or len(test.ops) > 1:
        return None
    stated = whole_literal(ast.unparse(test.comparators[0]))
    return (ast.unparse(test.left), stated) if stated else None


def _calls(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression calls one of the names, perhaps within a call of `print`."""
    called = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(isinstance(f, ast.Name) and f.id in names for f in called) or any(
        isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) for n in ast.walk(node)
    )


def _read_row(cells: list[str], names: set[str]) -> Iterator[Example]:
    """Yield an example from a table row: a call, and the result in the next cell."""
    bare = [cell.replace(CODE_START, "").replace(CODE_END, "").strip() for cell in cells]
    for call, result in itertools.pairwise(bare):
        if not _is_call(call, names):
            continue
        if literal := whole_literal(result):
            yield [Step(call, "value", literal)]
        elif (raised := RAISED.match(result)) and raised.end() == len(result):
            yield [Step(call, "error", raised[1])]


def _is_call(text: str, names: set[str]) -> bool:
    try:
        tree = ast.parse(text, mode="eval").body
    except UNREADABLE:
        return False
    called = tree.func if isinstance(tree, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in names and _is_expression(text)


def read_line(line: str, names: set[str]) -> Iterator[Step]:
    """Yield the examples in a line: a call, a sign or a phrase, and a literal."""
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    for call in re.finditer(rf"(?<![\w.])(?:{known})\(", line) if known else ():
        end = _end_of_expression(line, call.end() - 1)
        code = line[call.start() : end]
        if end and _stands_alone(line[: call.start()]) and _is_expression(code):
            yield from _stated_after(code, line[end:])


def _stated_after(code: str, rest: str) -> Iterator[Step]:
    inside, is_inside, after = rest.partition(CODE_END)
    if is_inside and CODE_START not in inside:
        rest = inside if inside.strip() else after
    phrase = OPENING_PHRASE.match(rest)
    if not phrase:
        return
    # Textbooks also write f(1) = 2 for a term of a sequence, where the function returns a list.
    kind = "equation" if phrase[0].strip() == "=" else "value"
    stated = rest[phrase.end() :].strip()
    if stated.startswith(CODE_START):
        quoted, _, tail = stated[1:].partition(CODE_END)
        literal = whole_literal(quoted)
        raised = RAISED.fullmatch(quoted.strip())
    else:
        literal, tail = split_literal(stated)
        raised = RAISED.match(stated)
    if contradicts_itself(tail):
        return
    if raised:
        yield Step(code, "error", raised[1])
    elif literal and (not SEPARABLE.search(phrase[0]) or "zurück" in tail[:12]):
        yield Step(code, kind, literal)


def _is_expression(code: str) -> bool:
    """Whether this is a call with values: in `sort(list)`, the name stands for any list."""
    try:
        tree = ast.parse(code, mode="eval")
    except UNREADABLE:
        return False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    arguments = [part for call in calls for part in (*call.args, *(k.value for k in call.keywords))]
    return not any(isinstance(part, ast.Name) and hasattr(builtins, part.id) for part in arguments)


def _end_of_expression(line: str, start: int) -> int:
    """Return the end of the call whose bracket opens at `start`, including chained calls."""
    end = _end_of_brackets(line, start)
    while end and (chained := CHAINED.match(line, end)):
        at = chained.end()
        end = _end_of_brackets(line, at - 1) if chained[0][-1] in OPENERS else at
    return end


def _end_of_brackets(line: str, start: int) -> int:
    """Return the position after the bracket that closes the one at `start`, or 0.

    No expression has a backslash outside of a string; one there ends the search.
    """
    depth, at = 0, start
    while at < len(line) and line[at] != "\\" and depth < MAX_BRACKETS:
        if string := STRING.match(line, at):
            at = string.end()
            continue
        depth += (line[at] in OPENERS) - (line[at] in CLOSERS)
        at += 1
        if depth == 0:
            return at
    return 0


def _stands_alone(before: str) -> bool:
    """Whether a call after this text is neither part of a longer expression nor denied."""
    near = before[-MAX_CHARS_BEFORE:].replace(CODE_START, " ").replace(CODE_END, " ")
    before = BULLET.sub("", near)
    openers = (at for at in reversed(range(len(before))) if before[at] in OPENERS)
    opener = next((at for at in openers if not _end_of_brackets(before, at)), -1)
    if opener > 0 and re.match(r"[\w\])]", before[opener - 1]):
        return False
    if opener >= 0 and before[opener] != "(":
        return False
    is_denied = DENIED_BEFORE.search(re.split(r"[.!?:;]\s", before)[-1])
    return not is_denied and not re.search(r"(?:[+*/%=<>&|^~@\[{]|\S\s*-)\s*$", before)
