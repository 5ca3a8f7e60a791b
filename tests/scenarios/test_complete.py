"""Every scenario has a test whose name contains its number."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = {
    "A": range(1, 10),
    "B": range(10, 20),
    "C": range(20, 23),
    "D": range(23, 39),
    "E": range(39, 47),
    "F": [70],
}


def rows_of(path: Path) -> set[int]:
    """Return the scenario numbers of all tests in a file that contain an assertion."""
    functions = ast.walk(ast.parse(path.read_text("utf-8")))
    return {
        int(function.name.split("_")[2])
        for function in functions
        if isinstance(function, ast.FunctionDef)
        and function.name.startswith("test_scenario_")
        and any(isinstance(part, ast.Assert) for part in ast.walk(function))
    }


def test_every_row_has_a_test_of_its_number() -> None:
    found = set().union(*(rows_of(path) for path in TESTS.rglob("test_*.py")))

    missing = [f"{part} {row}" for part, rows in ROWS.items() for row in set(rows) - found]

    assert missing == []
