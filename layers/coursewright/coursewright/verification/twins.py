"""Turns each assertion of a test around: a test that still passes never checked anything.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import copy
import json
from collections.abc import Iterator
from typing import Any

OPPOSITES = {
    "assertEqual": "assertNotEqual",
    "assertTrue": "assertFalse",
    "assertIs": "assertIsNot",
    "assertIsNone": "assertIsNotNone",
    "assertIn": "assertNotIn",
    "assertAlmostEqual": "assertNotAlmostEqual",
    "assertGreater": "assertLessEqual",
    "assertLess": "assertGreaterEqual",
    "assertIsInstance": "assertNotIsInstance",
    "assertRegex": "assertNotRegex",
}
OPPOSITES |= {opposite: name for name, opposite in OPPOSITES.items()}
OPPOSITES |= dict.fromkeys(
    (
        "assertListEqual",
        "assertDictEqual",
        "assertSetEqual",
        "assertTupleEqual",
        "assertMultiLineEqual",
        "assertSequenceEqual",
    ),
    "assertNotEqual",
)
# What a result is held against, beside what the test says: no honest result equals it.
EQUALITIES = {"assertEqual", "assertListEqual", "assertDictEqual", "assertTupleEqual"}
RAISES = {"assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"}
TWINS_LIMIT = 100


def _assertion(node: ast.AST | None) -> str:
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if is_method else ""  # type: ignore[union-attr]


def _turn_call(call: ast.Call, secret: str, *, against_secret: bool) -> None:
    name = _assertion(call)
    if name in RAISES:
        call.args[1:2] = [ast.parse("lambda *a, **k: None", mode="eval").body]
    elif against_secret or name not in OPPOSITES:
        call.func.attr = "assertEqual"  # type: ignore[attr-defined]
        call.args[1] = ast.Tuple([ast.Constant(secret), call.args[1]], ast.Load())
    else:
        call.func.attr = OPPOSITES[name]  # type: ignore[attr-defined]


def _turnable(node: ast.AST) -> Iterator[bool]:
    """Say in which ways an assertion can be turned: the opposite, or against a secret."""
    name = _assertion(node)
    arguments = len(node.args) if isinstance(node, ast.Call) else 0
    if isinstance(node, ast.Assert) or name in OPPOSITES:
        yield False
    if (name in EQUALITIES or name == "assertCountEqual") and arguments > 1:
        yield True
    if isinstance(node, ast.With) and _assertion(node.items[0].context_expr) in RAISES:
        yield False
    if name in RAISES and arguments > 1 + name.endswith("Regex"):
        yield False


def _turned(test: ast.FunctionDef, site: int, name: str, secret: str, way: bool) -> ast.stmt:
    twin = copy.deepcopy(test)
    twin.name = name
    node = list(ast.walk(twin))[site]
    if isinstance(node, ast.Assert):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.With):
        node.body = [ast.Pass()]
    elif isinstance(node, ast.Call):
        _turn_call(node, secret, against_secret=way)
    return twin


def twins(source: str, secret: str) -> dict[str, Any]:
    """Put in each test's place its twins, one for each assertion that can be turned around."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for owner in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        tests = [s for s in owner.body if isinstance(s, ast.FunctionDef)]
        for test in [test for test in tests if test.name.startswith("test")]:
            owner.body.remove(test)
            for site, node in enumerate(ast.walk(test)):
                for way in _turnable(node):
                    name = f"test_{secret}_{len(names)}"
                    if len(names) < TWINS_LIMIT:
                        names[name] = f"{owner.name}.{test.name}, line {node.lineno}"  # type: ignore[attr-defined]
                        owner.body.append(_turned(test, site, name, secret, way))
        owner.body = owner.body or [ast.Pass()]
    return {"source": ast.unparse(ast.fix_missing_locations(tree)), "twins": names}


def turn(job: dict[str, Any]) -> str:
    """Answer with the twins of tests that have not been run."""
    return json.dumps({"nonce": job["nonce"], **twins(job["source"], job["secret"])})
