"""Source code is analysed without being run."""

import pytest

from coursewright.domain.unittest_discovery import read_tests
from coursewright.verification.python.source_reader import stub

HEAD = "import unittest\n"


@pytest.mark.parametrize(
    ("source", "tests"),
    [
        ("class T(unittest.TestCase):\n    def test_a(self): pass", ["m.T.test_a"]),
        ("class T(unittest.TestCase):\n    async def test_a(self): pass", ["m.T.test_a"]),
        ("class T(unittest.TestCase):\n    def runTest(self): pass", ["m.T.runTest"]),
        ("class T(unittest.TestCase):\n    def helper(self): pass", []),
        ("class T:\n    def test_a(self): pass", []),
        ("class T(unittest.TestCase):\n    tests = [1]\n    test_data = [2]", []),
        ("class T(unittest.TestCase):\n    test_a = lambda self: None", ["m.T.test_a"]),
        (
            "class A(unittest.TestCase):\n    def test_a(self): pass\nclass B(A): pass",
            ["m.A.test_a", "m.B.test_a"],
        ),
        (
            "if True:\n    class T(unittest.TestCase):\n        def test_a(self): pass",
            ["m.T.test_a"],
        ),
        ("class A(B): pass\nclass B(A): pass", []),
    ],
)
def test_the_tests_of_a_source_are_listed(source: str, tests: list[str]) -> None:
    listed = read_tests(HEAD + source, "m")

    assert listed["tests"] == tests


def test_a_test_with_a_later_namesake_is_hidden() -> None:
    source = "class T(unittest.TestCase):\n    def test_a(self): pass\n    def test_a(self): pass\n"

    listed = read_tests(HEAD + source, "m")

    assert listed["hidden"] == ["m.T.test_a"]


def test_a_stub_has_all_names_and_empty_functions() -> None:
    solution = '''
import math

LIMIT = 10

@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0

    def length(self):
        return math.hypot(self.x, self.y)

def area(radius, factor=math.pi):
    """Return the area."""
    return factor * radius**2

print(area(LIMIT))
'''

    emptied = stub(solution)

    assert emptied.split("\n") == [
        "import math",
        "LIMIT = None",
        "",
        "class Point:",
        "    y: int = None",
        "",
        "    def length(self):",
        "        return None",
        "",
        "def area(radius, factor=math.pi):",
        "    return None",
    ]
