"""Differential fuzzing: searches for an input on which a mutant differs from the solution.

Equivalence is undecidable, but a difference can often be demonstrated: the tests run with fuzzed
values on both versions, and the results of each call are compared.

Loaded as text into the sandbox image.
"""

import ast
import copy
import hashlib
import itertools
import json
import os
import pathlib
import random
import tempfile
import types
from collections.abc import Iterator
from typing import Any

from coursewright.verification.python.call_observation import Call
from coursewright.verification.python.call_recorder import disable_assertions, record_calls

WORKDIR = "/data"
MAX_SHOWN_CHARS = 90
MUTATION_RATE = 0.4
MIN_FLAGS = 8


class _InputMutator(ast.NodeTransformer):
    """Changes values slightly, or replaces them with values that occur in the solution."""

    def __init__(self, chance: random.Random, known: list[int], *, are_flags: bool) -> None:
        self.chance, self.known, self.are_flags = chance, known, are_flags

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.Expr(self.visit(node.test))

    def visit_List(self, node: ast.List) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
            if self.chance.random() < MUTATION_RATE / 2:
                node.elts.pop(self.chance.randrange(len(node.elts)))
            elif self.chance.random() < MUTATION_RATE / 2:
                node.elts.append(copy.deepcopy(self.chance.choice(node.elts)))
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self.chance.random() > MUTATION_RATE:
            return node
        return ast.copy_location(ast.Constant(self._mutate_value(node.value)), node)

    def _mutate_value(self, value: Any) -> Any:
        if isinstance(value, bool) or value is None or value is Ellipsis:
            return value
        if isinstance(value, (int, float)):
            return self._mutate_number(value)
        return self._mutate_text(value) if isinstance(value, str) and value else value

    def _mutate_number(self, value: float) -> float:
        if self.are_flags:
            return self.chance.choice((0, 1))
        largest = max(10 * abs(value), 120)
        near = [value + 1, value - 1, value + 2, value * 2, value // 2]
        chosen = self.chance.choice(near + [k for k in self.known if abs(k) <= largest])
        is_likely = chosen >= 0 if value >= 0 else True
        return type(value)(chosen) if is_likely and (chosen or not value) else value

    def _mutate_text(self, value: str) -> str:
        at = self.chance.randrange(len(value))
        letters = [c for c in value if c.isalnum()] or ["a"]
        candidates = [
            value[:at] + value[at + 1 :] or value,
            value[:at] + value[at] + value[at:],
            value[:at] + self.chance.choice(letters) + value[at + 1 :],
            value[::-1],
        ]
        return self.chance.choice(candidates)


def _integer_literals(source: str) -> list[int]:
    nodes = ast.walk(ast.parse(source))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is int]


def _are_flags(tests: str) -> bool:
    """Whether the tests use only zeros and ones, as in a truth table."""
    numbers = _integer_literals(tests)
    return set(numbers) == {0, 1} and len(numbers) >= MIN_FLAGS


def _known_values(solution: str, tests: str) -> list[int]:
    """Return the solution's numbers and their neighbours, except any below the tests' smallest.

    Tasks often rule out smaller values, for example by `n > 1` or a non-empty list.
    """
    least = min(_integer_literals(tests), default=0)
    return [n + d for n in _integer_literals(solution) for d in (0, 0, 1, -1) if n + d >= least]


def _find_difference(right: list[Call], mutant: list[Call], errors: set[str]) -> tuple[str, str]:
    """Return the first call with different behaviour, and both behaviours as text; empty if none.

    Calls on which the solution raises an error that does not belong to the task are skipped.
    """
    for expected, actual in zip(right, mutant, strict=False):
        if expected.text != actual.text:
            break
        if expected != actual and (not expected.error or expected.error in errors):
            return expected.text, describe_difference(expected, actual)
    return "", ""


def describe_difference(expected: Call, actual: Call) -> str:
    """Describe the first difference between two calls with the same arguments."""
    return next(
        sentence.format(*map(shorten, (expected.text, wrong, right)))
        for sentence, right, wrong in _behaviours(expected, actual)
        if right != wrong
    )


def _behaviours(expected: Call, actual: Call) -> Iterator[tuple[str, str, str]]:
    yield "{} gives {}, not {}", expected.result, actual.result
    yield "{} prints {}, not {}", repr(expected.printed), repr(actual.printed)
    before = "unchanged"
    yield (
        "{} leaves its arguments as {}, not {}",
        expected.arguments or before,
        actual.arguments or before,
    )
    yield "{} writes {}, not {}", expected.files or "nothing", actual.files or "nothing"
    right, wrong = dict(expected.attributes), dict(actual.attributes)
    for name in sorted(right.keys() | wrong.keys()):
        missing = "missing"
        yield (
            f"{{}} leaves {name} as {{}}, not {{}}",
            right.get(name, missing),
            wrong.get(name, missing),
        )


def expected_errors(job: dict[str, Any], calls: list[Call]) -> set[str]:
    """Return the task's error types: those raised on purpose or in the original tests' calls."""
    raised = (n.exc for n in ast.walk(ast.parse(job["solution"])) if isinstance(n, ast.Raise))
    names = (exc.func if isinstance(exc, ast.Call) else exc for exc in raised)
    on_purpose = {name.id for name in names if isinstance(name, ast.Name)}
    return on_purpose | {call.error for call in calls}


def shorten(text: str) -> str:
    """Return the text, shortened to fit into a counterexample."""
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}…"


def fuzzed_tests(job: dict[str, Any]) -> Iterator[tuple[int, types.CodeType]]:
    """Yield seeds and compiled tests with fuzzed values, identical each time it is called."""
    known, are_flags = _known_values(job["solution"], job["tests"]), _are_flags(job["tests"])
    for seed in range(job["rounds"]):
        tree = ast.parse(job["tests"])
        chance = random.Random(seed)  # noqa: S311  the same each time
        tree = _InputMutator(chance, known, are_flags=are_flags).visit(tree)
        yield seed, compile(ast.fix_missing_locations(tree), "tests.py", "exec")


def prepare(job: dict[str, Any]) -> None:
    """Prepare the working directory and disable assertions."""
    os.chdir(WORKDIR)
    tempfile.tempdir = WORKDIR
    pathlib.Path(f"{job['module']}.py").write_text(job["solution"], "utf-8", errors="replace")
    disable_assertions()


def fuzz(job: dict[str, Any]) -> str:
    """Search for a counterexample that proves a mutant wrong, and return it as JSON.

    Without a mutant, only the fuel that the solution uses is of interest.
    """
    prepare(job)
    solution = compile(job["solution"], "solution.py", "exec")
    mutant = compile(job["mutant"], "solution.py", "exec") if job["mutant"] else None
    original = record_calls(job, solution, compile(job["tests"], "tests.py", "exec"), 0)
    errors = expected_errors(job, original)
    call, counterexample = "", ""
    for seed, tests in fuzzed_tests(job):
        right = record_calls(job, solution, tests, seed)
        if mutant:
            actual = record_calls(job, mutant, tests, seed)
            call, counterexample = _find_difference(right, actual, errors)
        if counterexample:
            break
    return json.dumps({"nonce": job["nonce"], "call": call, "counterexample": counterexample})


def observe(job: dict[str, Any]) -> str:
    """Return a digest of a mutant's behaviour on the original and the fuzzed tests as JSON."""
    prepare(job)
    mutant = compile(job["mutant"], "solution.py", "exec")
    original = compile(job["tests"], "tests.py", "exec")
    digest = hashlib.sha256()
    for seed, tests in itertools.chain([(0, original)], fuzzed_tests(job)):
        calls = record_calls(job, mutant, tests, seed)
        digest.update(repr(calls).encode("utf-8", "replace"))
    return json.dumps({"nonce": job["nonce"], "digest": digest.hexdigest()})
