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


def _choose_sites(
    sites: dict[str, list[AssertionSite]], chance: random.Random
) -> dict[str, AssertionSite]:
    chosen = {test: chance.choice(own) for test, own in sites.items() if chance.random() < 0.5}
    if chosen or not sites:
        return chosen
    test = chance.choice(list(sites))
    return {test: chance.choice(sites[test])}


def mutate_expected_values(source: str, labels: set[str], seed: int) -> dict[str, Any]:
    """Return one secret mutation of a test file, with the tests that must now fail.

    Only assertions with one of the given labels are mutated.
    """
    chance = random.Random(seed)  # noqa: S311  the seed itself is secret
    tree = ast.parse(source)
    file = TestFile(tree)
    sites: dict[str, list[AssertionSite]] = {}
    for site in file.sites():
        if site.label in labels and negate_assertion(site.statement) is not None:
            sites.setdefault(site.function, []).append(site)
    must_fail = []
    for function, site in _choose_sites(sites, chance).items():
        mutated = mutate_assertion(site.statement, chance)
        tests = file.tests_reaching(function)
        if mutated is not None and tests:
            ast.copy_location(mutated, site.statement)
            must_fail.append({"tests": tests, "label": site.label})
            site.block[site.index] = mutated
    text = ast.unparse(ast.fix_missing_locations(tree))
    return {"source": text, "must_fail": must_fail, "mutable_functions": len(sites)}


def mutate_expected(job: dict[str, Any]) -> str:
    """Return secret mutations of a test file as JSON, without running the file."""
    labels = set(job["labels"])
    mutations = [mutate_expected_values(job["source"], labels, seed) for seed in job["seeds"]]
    return json.dumps({"nonce": job["nonce"], "mutations": mutations})
