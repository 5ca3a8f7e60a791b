"""Negates each assertion of a test file; an assertion that passes when negated checks nothing.

Loaded as text into the sandbox image.
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
    AssertionSite,
    TestFile,
    assertion_call,
    called_method,
    is_test,
)

MAX_NEGATIONS = 400
# Prefixes of helper functions that are likely to assert something.
ASSERTING_PREFIXES = ("assert", "_assert", "fail", "check", "expect", "verify")


def negate_assertion(statement: ast.stmt) -> ast.stmt | None:
    """Return the assertion negated, or None if it cannot be negated."""
    negated = copy.deepcopy(statement)
    call = assertion_call(negated)
    name = called_method(call) if call else ""
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


def compare_with_secret(statement: ast.stmt, secret: str) -> ast.stmt | None:
    """Return an equality assertion that no genuine result can satisfy, or None."""
    negated = copy.deepcopy(statement)
    call = assertion_call(negated)
    if call is None or called_method(call) not in EQUALITIES | {"assertCountEqual"}:
        return None
    if len(call.args) < 2 or any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    call.func.attr = "assertEqual"  # type: ignore[attr-defined]
    call.args[1] = ast.Tuple([ast.Constant(secret), call.args[1]], ast.Load())
    call.args[2:] = call.args[2:3]
    return negated


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _negations(site: AssertionSite, secret: str) -> Iterator[ast.stmt]:
    candidates = (
        negate_assertion(site.statement),
        compare_with_secret(site.statement, secret),
    )
    yield from (negation for negation in candidates if negation is not None)


class _NegationSwitches:
    """Adds a switch to each assertion, and test copies that each activate one switch."""

    def __init__(self, secret: str, file: TestFile) -> None:
        self.secret, self.file = secret, file
        self.active = f"_active_{secret}"
        self.negated_tests: dict[str, dict[str, Any]] = {}
        self.methods: dict[str, list[str]] = {}

    def add_switch(self, site: AssertionSite) -> None:
        original, label = site.statement, site.label
        tests = self.file.tests_reaching(site.function)
        for negation in _negations(site, self.secret):
            if not tests or len(self.negated_tests) + len(tests) > MAX_NEGATIONS:
                return
            number = len(self.negated_tests)
            is_active = _expression(f"{self.active} == {number}")
            site.block[site.index] = ast.If(is_active, [negation], [site.block[site.index]])
            ast.copy_location(site.block[site.index], original)
            for test in tests:
                name = f"test_{self.secret}_{len(self.negated_tests)}"
                self.negated_tests[name] = {"test": test, "label": label, "number": number}
                self.methods.setdefault(test, []).append(self._negated_test(name, test, number))

    def _negated_test(self, name: str, test: str, number: int) -> str:
        method = test.rpartition(".")[2]
        return (
            f"def {name}(self, *args):\n    global {self.active}\n    {self.active} = {number}\n"
            f"    try:\n        self.original_{self.secret}_{method}(*args)\n"
            f"    finally:\n        {self.active} = -1\n"
        )


def _insert_negated_tests(switches: _NegationSwitches) -> None:
    for owner in switches.file.classes:
        functions = {id(node): name for name, node in switches.file.functions.items()}
        for test in [node for node in owner.body if id(node) in functions]:
            name = functions[id(test)]
            if is_test(name):
                test.name = f"original_{switches.secret}_{test.name}"  # type: ignore[attr-defined]
                for method in switches.methods.get(name, []):
                    owner.body += ast.parse(method).body


def make_negated_tests(
    source: str, secret: str, sample: tuple[int, int] = (0, 0)
) -> dict[str, Any]:
    """Replace each test with copies of it, each with one assertion negated.

    `sample` is `(index, count)`: with a count, only the assertion at that fraction of the file is
    negated. This is for tests whose copies would take too long to run.
    """
    tree = ast.parse(source)
    file = TestFile(tree)
    asserting = {site.function for site in file.sites()}
    without = [test for test in file.tests() if _lacks_assertions(file, test, asserting)]
    switches = _NegationSwitches(secret, file)
    for site in _sample_sites(file.sites(), *sample):
        switches.add_switch(site)
    _insert_negated_tests(switches)
    tree.body.append(ast.parse(f"{switches.active} = -1").body[0])
    return {
        "source": ast.unparse(ast.fix_missing_locations(tree)),
        "negated_tests": switches.negated_tests,
        "without_assertions": without,
    }


def _sample_sites(sites: list[AssertionSite], index: int, count: int) -> list[AssertionSite]:
    return [sites[index * len(sites) // count]] if count and sites else _interleaved(sites)


def _interleaved(sites: list[AssertionSite]) -> list[AssertionSite]:
    """Put each function's first assertion before any second, so that the limit omits no test."""
    ranks: dict[str, int] = {}
    ranked = []
    for site in sites:
        ranks[site.function] = ranks.get(site.function, 0) + 1
        ranked.append((ranks[site.function], site))
    return [site for _, site in sorted(ranked, key=lambda pair: pair[0])]


def _lacks_assertions(file: TestFile, test: str, asserting: set[str]) -> bool:
    """Whether none of the functions reached by a test can assert, fail or raise."""
    reached = file.functions_reached(test)
    if reached & asserting:
        return False
    nodes = (node for name in reached for node in ast.walk(file.functions[name]))
    return not any(_may_fail(node) for node in nodes)


def _may_fail(node: ast.AST) -> bool:
    if isinstance(node, (ast.Raise, ast.Assert)):
        return True
    name = called_method(node) or (node.func.id if _is_plain_call(node) else "")  # type: ignore[attr-defined]
    return name.lower().startswith(ASSERTING_PREFIXES)


def _is_plain_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def negate(job: dict[str, Any]) -> str:
    """Return a source's negated tests as JSON, without running the source."""
    negated = make_negated_tests(job["source"], job["secret"], tuple(job["sample"]))
    return json.dumps({"nonce": job["nonce"], **negated})
