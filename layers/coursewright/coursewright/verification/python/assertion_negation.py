"""Turns each assertion of a test file around: one that still holds never checked anything.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import copy
import json
from collections.abc import Iterator
from typing import Any

from coursewright.verification.python.assertions import (
    EQUALITIES,
    OPPOSITES,
    RAISES,
    Site,
    TestFile,
    assertion_call,
    called,
    is_test,
)

MAX_NEGATIONS = 120


def negated(statement: ast.stmt) -> ast.stmt | None:
    """Make an assertion claim the opposite, if it has one."""
    negated = copy.deepcopy(statement)
    call = assertion_call(negated)
    name = called(call) if call else ""
    if isinstance(negated, ast.Assert):
        negated.test = ast.UnaryOp(ast.Not(), negated.test)
    elif isinstance(negated, ast.With):
        negated.body = [ast.Pass()]
    elif call and name in OPPOSITES:
        call.func.attr = OPPOSITES[name]  # type: ignore[attr-defined]
    elif call and name in RAISES and len(call.args) > 1 + name.endswith("Regex"):
        call.args[1 + name.endswith("Regex") :] = [_expression("lambda: None")]
        call.keywords = []
    else:
        return None
    return negated


def held_against(statement: ast.stmt, secret: str) -> ast.stmt | None:
    """Hold a result against something that no honest result equals."""
    negated = copy.deepcopy(statement)
    call = assertion_call(negated)
    if call is None or called(call) not in EQUALITIES | {"assertCountEqual"}:
        return None
    if len(call.args) < 2 or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    call.func.attr = "assertEqual"  # type: ignore[attr-defined]
    call.args[1] = ast.Tuple([ast.Constant(secret), call.args[1]], ast.Load())
    call.args[2:] = call.args[2:3]
    return negated


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _variants(site: Site, secret: str) -> Iterator[ast.stmt]:
    made = (negated(site.statement), held_against(site.statement, secret))
    yield from (variant for variant in made if variant is not None)


class _Switches:
    """Puts a switch at each assertion, and beside each test its twins that set one switch."""

    def __init__(self, secret: str, file: TestFile) -> None:
        self.secret, self.file = secret, file
        self.active = f"_active_{secret}"
        self.negated_tests: dict[str, str] = {}
        self.added: dict[str, list[str]] = {}

    def put_at(self, site: Site) -> None:
        original, label = site.statement, site.label
        tests = self.file.reaching(site.holder)
        for variant in _variants(site, self.secret):
            if not tests or len(self.negated_tests) + len(tests) > MAX_NEGATIONS:
                return
            number = len(self.negated_tests)
            is_active = _expression(f"{self.active} == {number}")
            site.block[site.index] = ast.If(is_active, [variant], [site.block[site.index]])
            ast.copy_location(site.block[site.index], original)
            for test in tests:
                name = f"test_{self.secret}_{len(self.negated_tests)}"
                self.negated_tests[name] = f"{label}#{number}"
                self.added.setdefault(test, []).append(self._negated(name, test, number))

    def _negated(self, name: str, test: str, number: int) -> str:
        method = test.rpartition(".")[2]
        return (
            f"def {name}(self, *args):\n    global {self.active}\n    {self.active} = {number}\n"
            f"    try:\n        self.original_{self.secret}_{method}(*args)\n"
            f"    finally:\n        {self.active} = -1\n"
        )


def _insert_negations(switches: _Switches) -> None:
    for owner in switches.file.classes:
        functions = {id(node): name for name, node in switches.file.functions.items()}
        for test in [node for node in owner.body if id(node) in functions]:
            name = functions[id(test)]
            if is_test(name):
                test.name = f"original_{switches.secret}_{test.name}"  # type: ignore[attr-defined]
                for text in switches.added.get(name, []):
                    owner.body += ast.parse(text).body


def negated_tests(source: str, secret: str, share: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """Put in each test's place its twins, one for each assertion that can be turned around.

    Of tests that take long, only one assertion is turned: the n-th share of all.
    """
    tree = ast.parse(source)
    file = TestFile(tree)
    with_sites = {site.holder for site in file.sites()}
    silent = [test for test in file.tests() if _is_silent(file, test, with_sites)]
    switches = _Switches(secret, file)
    for site in _shared(file.sites(), *share):
        switches.put_at(site)
    _insert_negations(switches)
    tree.body.append(ast.parse(f"{switches.active} = -1").body[0])
    text = ast.unparse(ast.fix_missing_locations(tree))
    return {"source": text, "negated_tests": switches.negated_tests, "silent": silent}


def _shared(sites: list[Site], number: int, of: int) -> list[Site]:
    return [sites[number * len(sites) // of]] if of and sites else sites


def _is_silent(file: TestFile, test: str, with_sites: set[str]) -> bool:
    """Return whether nothing that a test gets to asserts, fails or raises."""
    reached = file.reached(test)
    if reached & with_sites:
        return False
    nodes = (node for name in reached for node in ast.walk(file.functions[name]))
    return not any(_may_fail(node) for node in nodes)


def _may_fail(node: ast.AST) -> bool:
    if isinstance(node, (ast.Raise, ast.Assert)):
        return True
    names = called(node) or (node.func.id if _is_plain_call(node) else "")  # type: ignore[attr-defined]
    return names.lower().startswith(("assert", "_assert", "fail", "check", "expect", "verify"))


def _is_plain_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def negate(job: dict[str, Any]) -> str:
    """Answer with the twins of tests that have not been run."""
    made = negated_tests(job["source"], job["secret"], tuple(job["share"]))
    return json.dumps({"nonce": job["nonce"], **made})
