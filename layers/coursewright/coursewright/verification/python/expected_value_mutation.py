"""Mutates expected values in secret, so that only genuine test results reflect the changes.

A forged result would have to name exactly the tests that now fail. The mutated values look
plausible, each test keeps its name, and nothing else in the interpreter reveals which values are
wrong.

Loaded as text into the sandbox image.
"""

import ast
import copy
import json
import random
import string
from collections.abc import Iterator
from typing import Any

from coursewright.verification.python.assertion_negation import negate_assertion
from coursewright.verification.python.assertions import (
    EQUALITIES,
    AssertionSite,
    TestFile,
    assertion_call,
    called_method,
)


def _mutate_value(value: object, chance: random.Random) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice((-2, -1, 1, 2, 3))
    if isinstance(value, float):
        return value + chance.choice((-1.0, -0.5, 0.5, 1.0))
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        letters = [c for c in string.ascii_lowercase if c != value[at].lower()]
        return value[:at] + chance.choice(letters) + value[at + 1 :]
    return chance.choice("abcdefg") if isinstance(value, str) else 0


def _constants(node: ast.expr) -> Iterator[ast.Constant]:
    yield from (child for child in ast.walk(node) if isinstance(child, ast.Constant))


def _evaluate_literal(node: ast.expr) -> tuple[bool, object]:
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def _mutate_literal(node: ast.expr, chance: random.Random) -> ast.expr | None:
    is_literal, before = _evaluate_literal(node)
    if not is_literal:
        return None
    mutated = copy.deepcopy(node)
    constants = list(_constants(mutated))
    if constants:
        constant = chance.choice(constants)
        constant.value = _mutate_value(constant.value, chance)  # type: ignore[assignment]
    elif isinstance(mutated, (ast.List, ast.Tuple)):
        mutated.elts.append(ast.Constant(chance.randint(1, 9)))
    is_literal, after = _evaluate_literal(mutated)
    return mutated if is_literal and after != before else None


def _mutate_expected_value(statement: ast.stmt, chance: random.Random) -> ast.stmt | None:
    mutated = copy.deepcopy(statement)
    call = assertion_call(mutated)
    if call and called_method(call) in EQUALITIES | {"assertCountEqual"} and len(call.args) > 1:
        for at in (1, 0):
            if literal := _mutate_literal(call.args[at], chance):
                call.args[at] = literal
                return mutated
    test = mutated.test if isinstance(mutated, ast.Assert) else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        if literal := _mutate_literal(test.comparators[0], chance):
            test.comparators[0] = literal
            return mutated
        if literal := _mutate_literal(test.left, chance):
            test.left = literal
            return mutated
    return None


def mutate_assertion(statement: ast.stmt, chance: random.Random) -> ast.stmt | None:
    """Return the assertion with a plausible wrong value, or negated if it has no literal."""
    return _mutate_expected_value(statement, chance) or negate_assertion(statement)


def _mutable_sites(file: TestFile, labels: set[str]) -> dict[str, list[AssertionSite]]:
    """Return the assertions with one of the labels, by function."""
    sites: dict[str, list[AssertionSite]] = {}
    for site in file.sites():
        is_chosen = site.label in labels and file.tests_reaching(site.function)
        if is_chosen and negate_assertion(site.statement) is not None:
            sites.setdefault(site.function, []).append(site)
    return sites


def _mutate_functions(
    source: str, labels: set[str], functions: set[str], chance: random.Random
) -> dict[str, Any]:
    """Mutate one assertion of each function; return the source and the tests that must fail."""
    tree = ast.parse(source)
    file = TestFile(tree)
    sites = _mutable_sites(file, labels)
    must_fail = []
    for function in sorted(functions):
        site = chance.choice(sites[function])
        mutated = mutate_assertion(site.statement, chance)
        if mutated is not None:
            ast.copy_location(mutated, site.statement)
            must_fail.append({"tests": file.tests_reaching(function), "label": site.label})
            site.block[site.index] = mutated
    text = ast.unparse(ast.fix_missing_locations(tree))
    return {"source": text, "must_fail": must_fail, "mutable_functions": len(sites)}


def mutate_in_pairs(source: str, labels: set[str], seeds: list[int]) -> list[dict[str, Any]]:
    """Return two secret mutations of a test file for each seed, with the tests that must fail.

    Every function with a mutable assertion is mutated in exactly one mutation of each pair, so a
    forged result is exposed by the first pair, whichever test it belongs to.
    """
    functions = set(_mutable_sites(TestFile(ast.parse(source)), labels))
    mutations = []
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311  the seed itself is secret
        chosen = {function for function in sorted(functions) if chance.random() < 0.5}
        for half in (chosen, functions - chosen):
            mutations.append(_mutate_functions(source, labels, half, chance))
    return mutations


def mutate_expected(job: dict[str, Any]) -> str:
    """Return secret mutations of a test file as JSON, without running the file."""
    mutations = mutate_in_pairs(job["source"], set(job["labels"]), job["seeds"])
    return json.dumps({"nonce": job["nonce"], "mutations": mutations})
