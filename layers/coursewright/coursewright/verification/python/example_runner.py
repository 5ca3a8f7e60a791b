"""Runs the examples of a task's text on the solution, and finds those that it contradicts.

Loaded as text into the sandbox image.
"""

import ast
import io
import itertools
import json
import os
import random
import re
import sys
import tempfile
import time
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

from coursewright.verification.python.example_reader import (
    Example,
    Step,
    read_examples,
    read_session,
)
from coursewright.verification.python.example_values import UNCLEAR, Outcome, contradicts, shown

WORKDIR = "/data"
MAX_CONTRADICTIONS = 5
# Each example runs twice; a result that depends on chance contradicts nothing.
SEEDS = (1, 2)
MAX_GENERATED_ITEMS = 1_000
FILE_NAME = "<example>"
_encode = json.dumps


class Contradiction(NamedTuple):
    """An example whose stated result is not the solution's."""

    call: str
    stated: str
    actual: str


def check_examples(job: dict[str, Any]) -> str:
    """Return, as JSON, how many examples were compared and which ones the solution contradicts."""
    time.sleep = _do_not_sleep
    names = _public_names(job["solution"])
    examples = read_examples(job["pieces"], names)
    for source in (job["starter"], job["solution"]):
        examples += map(read_session, _docstrings(source))
    examples = [example for example in examples if _mentions(example, names)]
    distinct = list({tuple(example): example for example in examples}.values())
    _prepare(job)
    code = compile(job["solution"], f"{job['module']}.py", "exec")
    contradictions: dict[Contradiction, None] = {}
    compared = 0
    for example in distinct:
        first, again = ([*_results(job, code, example, seed)] for seed in SEEDS)
        compared += len(first)
        contradictions |= dict.fromkeys(each for each in first if each and each in again)
    listed = [each._asdict() for each in contradictions][:MAX_CONTRADICTIONS]
    return _encode({"nonce": job["nonce"], "compared": compared, "contradictions": listed})


def _results(
    job: dict[str, Any], code: types.CodeType, example: Example, seed: int
) -> Iterator[Contradiction | None]:
    """Yield each compared step's contradiction, or None where it agrees with the solution."""
    random.seed(seed)
    try:
        namespace = _load(job["module"], code)
    except BaseException:  # noqa: BLE001  a program that waits for input has no functions to call
        return
    for step in example:
        outcome = _run(step, namespace)
        verdict = contradicts(step.kind, step.stated, outcome) if step.kind else False
        if verdict is True:
            yield Contradiction(step.code, step.stated, shown(step.kind, outcome))
        elif verdict is False and step.kind:
            yield None
        expected = step.kind in ("error", "session") and outcome.error is not None
        if verdict is UNCLEAR or (outcome.error and not expected):
            return


def _load(module_name: str, code: types.CodeType) -> dict[str, Any]:
    module = types.ModuleType(module_name)
    module.__file__ = f"{module_name}.py"
    sys.modules[module_name] = module
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), io.StringIO(), io.StringIO()
    exec(code, module.__dict__)  # noqa: S102
    return {module_name: module} | vars(module) | {"__name__": "__example__"}


def _run(step: Step, namespace: dict[str, Any]) -> Outcome:
    sys.stdin, sys.stdout = io.StringIO(""), io.StringIO()
    value, error, is_own = None, None, False
    try:
        tree = ast.parse(step.code)
        is_expression = len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)
        if is_expression:
            value = eval(compile(step.code, FILE_NAME, "eval"), namespace)  # noqa: S307
            if isinstance(value, types.GeneratorType):
                value = list(itertools.islice(value, MAX_GENERATED_ITEMS))
        else:
            exec(compile(tree, FILE_NAME, "exec"), namespace)  # noqa: S102
    except BaseException as raised:  # noqa: BLE001  code under test may raise anything
        error, is_own = raised, _is_raised_by_example(raised)
    return Outcome(value, getattr(sys.stdout, "getvalue", str)(), error, is_own)


def _is_raised_by_example(error: BaseException) -> bool:
    """Whether an error arose in the example itself, and not in the code that it calls."""
    trace, file_name = error.__traceback__, ""
    while trace is not None:
        file_name, trace = trace.tb_frame.f_code.co_filename, trace.tb_next
    return file_name == FILE_NAME or isinstance(error, SyntaxError)


def _prepare(job: dict[str, Any]) -> None:
    if os.path.isdir(WORKDIR):  # noqa: PTH112
        os.chdir(WORKDIR)
        tempfile.tempdir = WORKDIR


def _mentions(example: Example, names: set[str]) -> bool:
    """Whether an example refers to the solution at all."""
    return any(names & set(re.findall(r"\w+", step.code)) for step in example)


def _do_not_sleep(seconds: object) -> None:
    """Stand in for `time.sleep`: sleeping uses up no instructions, only time."""


def _public_names(source: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.parse(source).body if isinstance(node, kinds)}


def _docstrings(source: str) -> Iterator[str]:
    kinds = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield text
