"""Finds mistakes in tests without running them: assertions that check less than they seem to.

Loaded as text into the sandbox image.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from coursewright.domain.unittest_discovery import Function, read_tests
from coursewright.verification.python.assertions import (
    EQUALITIES,
    AssertionSite,
    TestFile,
    assertion_call,
    called_method,
)

TRUTHS = {"assertTrue", "assertFalse"}
RAISES = {"assertRaises", "assertRaisesRegex"}
BROAD_ERRORS = {"Exception", "BaseException"}
MESSAGES = re.compile(r"message|msg|text|reason|hint|info|label|why|f?str|format|repr|join")
ERROR_NAME = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning)\b|\b(?:StopIteration|SystemExit)\b")
BLANK_WORDS = re.compile(r"space|blank|trailing|leerzeichen|пробел|espace|espacio", re.IGNORECASE)
FIXTURES = re.compile(
    r"(?:async)?(?:setUp|tearDown)(?:Class|Module)?|load_tests|runTest|id|__\w+__"
)
TRAILING_BLANK = re.compile(r"[^\s][ \t]+(?:\n|$)")
TYPE_TEST = re.compile(r"type\(|[iI]s[iI]nstance\(")
MIN_MESSAGE_LETTERS = 4


def static_findings(job: dict[str, Any], results: dict[str, set[str]]) -> Iterator[dict[str, Any]]:
    """Yield what is wrong with a test file, given each function's results in the tests."""
    tree, text = ast.parse(job["tests"]), job["text"]
    tests = TestFile(tree)
    sites = tests.sites()
    named = sorted(_errors_named(text, job["solution"]))
    yield from _finding(
        "assert_true_two_arguments",
        [site.label for site in sites if _has_two_arguments(site, results)],
    )
    if named:
        yield from _finding(
            "error_type_too_broad",
            [s.label for s in sites if _is_too_broad(s) and not _checks_type(s, tests)],
            error_name=named[0],
        )
    listed = read_tests(job["tests"], job["tests_module"])["tests"]
    never = _functions_never_run(tree, tests, listed)
    yield from _finding("assertions_never_run", [*never, *_inner_functions_never_run(tests)])
    if not text.strip():
        return
    if not BLANK_WORDS.search(text):
        yield from _finding(
            "trailing_blanks", [site.label for site in sites if _ends_with_blank(site)]
        )
    unstated = {
        site.label: message
        for site in sites
        for message in _messages(site.statement)
        if not _is_stated(message, text)
    }
    yield from _finding("message_not_in_text", unstated)


def _finding(code: str, where: Iterable[str], **params: str) -> Iterator[dict[str, Any]]:
    if labels := list(where):
        yield {"code": code, "where": labels, "params": params}


def _errors_named(text: str, solution: str) -> set[str]:
    """Return the errors that the text names: Python's, and those that the solution defines."""
    classes = (n for n in ast.parse(solution).body if isinstance(n, ast.ClassDef))
    own = {
        node.name
        for node in classes
        if any("Error" in base or "Exception" in base for base in map(ast.unparse, node.bases))
    }
    return {*ERROR_NAME.findall(text), *(own & set(re.findall(r"\w+", text)))} - BROAD_ERRORS


def _has_two_arguments(site: AssertionSite, results: dict[str, set[str]]) -> bool:
    """Whether `assertTrue` is passed a value to compare with, which it treats as a message.

    A string is such a value only if the function that is called returns no truth value.
    """
    call = assertion_call(site.statement)
    if not call or called_method(call) not in TRUTHS or len(call.args) != 2:
        return False
    first, second = call.args
    if isinstance(second, ast.Constant) and isinstance(second.value, str):
        name = first.func.id if isinstance(first, ast.Call) and _is_named(first.func) else ""
        return bool(results.get(name)) and not results[name] & {"True", "False"}
    if isinstance(second, ast.Constant):
        return True
    if isinstance(second, (ast.JoinedStr, ast.BinOp)):
        return False
    return not MESSAGES.search(ast.unparse(second).casefold())


def _is_named(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _checks_type(site: AssertionSite, tests: TestFile) -> bool:
    """Whether the function checks the type of the error that it caught."""
    source = ast.unparse(tests.functions[site.function])
    return "__class__" in source or any(map(_compares_type, source.splitlines()))


def _compares_type(line: str) -> bool:
    asked = TYPE_TEST.search(line)
    return asked is not None and ".exception" in line[asked.end() :]


def _is_too_broad(site: AssertionSite) -> bool:
    """Whether `assertRaises` accepts any error."""
    if isinstance(site.statement, ast.With):
        calls = [item.context_expr for item in site.statement.items]
    else:
        calls = [call] if (call := assertion_call(site.statement)) else []
    raises = (c for c in calls if called_method(c) in RAISES and isinstance(c, ast.Call))
    names = {
        n.id
        for c in raises
        for error in c.args[:1]
        for n in ast.walk(error)
        if isinstance(n, ast.Name)
    }
    return bool(names & BROAD_ERRORS)


def _functions_never_run(tree: ast.Module, tests: TestFile, listed: list[str]) -> list[str]:
    """Return the functions that contain assertions but that no test reaches."""
    names = {name.rpartition(".")[2] for name in listed}
    owners = {name.split(".")[-2] for name in listed} | _bases(tree)
    roots = [name for name in tests.functions if _is_root(name, names, owners)]
    reached = set().union(*(tests.functions_reached(name) for name in roots))
    used = _names_outside_functions(tree)
    asserting = dict.fromkeys(site.function for site in tests.sites())
    return [
        name
        for name in asserting
        if name not in reached and name.rpartition(".")[2] not in used and listed
    ]


def _is_root(name: str, tests: set[str], owners: set[str]) -> bool:
    owner, _, method = name.rpartition(".")
    if FIXTURES.fullmatch(method):
        return True
    return method in tests and (not owner or owner.rpartition(".")[2] in owners)


def _inner_functions_never_run(tests: TestFile) -> list[str]:
    """Return the functions with assertions within a function that does not use them."""
    never_run = []
    for name, node in tests.functions.items():
        inner = [n for n in ast.walk(node) if isinstance(n, Function) and n is not node]
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        never_run += [f"{name}.{n.name}" for n in inner if n.name not in used and _asserts(n)]
    return never_run


def _asserts(node: ast.AST) -> bool:
    inside = ast.walk(node)
    return any(isinstance(n, ast.Assert) or assertion_call(n) is not None for n in inside)


def _bases(tree: ast.Module) -> set[str]:
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    bases = (base for node in classes for base in node.bases)
    return {base.id for base in bases if isinstance(base, ast.Name)}


def _names_outside_functions(tree: ast.Module) -> set[str]:
    """Return the names, attributes and strings outside functions, and the strings anywhere."""
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    used = {text for text in texts if isinstance(text, str) and text.isidentifier()}
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Function):
            pending += node.decorator_list
            continue
        used |= {getattr(node, "attr", ""), getattr(node, "id", "")}
        pending += ast.iter_child_nodes(node)
    return used


def compared_sides(statement: ast.stmt) -> list[ast.expr]:
    """Return both sides of an assertion of equality; empty for any other statement."""
    call = assertion_call(statement)
    if call and called_method(call) in EQUALITIES:
        return call.args[:2]
    test = statement.test if isinstance(statement, ast.Assert) else None
    if call and called_method(call) == "assertTrue" and call.args:
        test = call.args[0]
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        return [test.left, test.comparators[0]]
    return []


def _texts(node: ast.expr) -> list[str]:
    if any(isinstance(part, ast.Call) for part in ast.walk(node)):
        return []
    constants = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return [value for value in constants if isinstance(value, str)]


def _ends_with_blank(site: AssertionSite) -> bool:
    """Whether an expected string has a line that ends with a space."""
    texts = (text for side in compared_sides(site.statement) for text in _texts(side))
    return any(TRAILING_BLANK.search(text) for text in texts)


def _messages(statement: ast.stmt) -> Iterator[str]:
    """Yield the messages of errors that a statement compares or matches."""
    items = statement.items if isinstance(statement, ast.With) else []
    for call in [*(item.context_expr for item in items), assertion_call(statement)][:1]:
        if isinstance(call, ast.Call) and called_method(call) == "assertRaisesRegex":
            yield from (text for part in call.args[1:2] for text in _texts(part))
    compared = assertion_call(statement)
    arguments = compared.args[:2] if compared else compared_sides(statement)
    if any(_is_error_text(part) for part in arguments):
        yield from (text for part in arguments for text in _texts(part))


def _is_error_text(node: ast.expr) -> bool:
    """Whether an expression is the message of a caught error: `str(caught.exception)`."""
    attributes = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return "exception" in attributes and any(
        isinstance(part, ast.Call) or (isinstance(part, ast.Attribute) and part.attr == "args")
        for part in ast.walk(node)
    )


def _is_stated(message: str, text: str) -> bool:
    """Whether the words of a message, or of a pattern for it, occur in the text."""
    words = re.findall(r"[^\W_]+", re.sub(r"\\[a-zA-Z]", " ", message.casefold()))
    letters = sum(map(len, words))
    known = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return letters < MIN_MESSAGE_LETTERS or all(word in known for word in words)
