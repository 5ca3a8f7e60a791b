"""Functions import little, because they only parse an event, call one step and return JSON.

`make check` runs import-linter on the package only, because functions are not part of a package.
"""

import ast
import sys
from pathlib import Path

import pytest

FUNCTIONS = sorted((Path(__file__).parents[2] / "functions").glob("*/app.py"))
ALLOWED = {"domain", "observability", "settings", "steps", "web", "wiring"}
ALSO_ALLOWED = {
    "check_code": {"verification"},  # its step is the check itself
    "write_solution": {"agents"},  # the input that the agents for tests and solutions share
    "write_tests": {"agents"},
}


def imported_modules(file: Path) -> set[str]:
    """Return the dotted names of all imports in a file."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


@pytest.mark.parametrize("file", FUNCTIONS, ids=lambda file: file.parent.name)
def test_a_function_imports_only_the_layers_below_it(file: Path) -> None:
    own = {name for name in imported_modules(file) if name.split(".")[0] == "coursewright"}

    packages = {name.split(".")[1] for name in own}

    assert packages <= ALLOWED | ALSO_ALLOWED.get(file.parent.name, set())


@pytest.mark.parametrize("file", FUNCTIONS, ids=lambda file: file.parent.name)
def test_a_function_imports_no_vendor_library_and_no_sibling(file: Path) -> None:
    roots = {name.split(".")[0] for name in imported_modules(file)}

    assert roots <= {"coursewright", *sys.stdlib_module_names}
