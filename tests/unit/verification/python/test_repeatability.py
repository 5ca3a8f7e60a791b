"""The outcome of a run must not depend on the day, the machine, or the other tests."""

import random

import pytest

from coursewright.domain.evidence import Cause, Evidence, FindingCode, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.python.conditions import FIRST
from coursewright.verification.sandbox.worker_pool import Sandbox

HEADER = (
    "import unittest\nimport solution\nfrom solution import *\n\n\nclass T(unittest.TestCase):\n"
)


def draft(solution: str, *tests: str, before: str = "") -> PythonCheck:
    methods = "".join(
        f"    def test_{number}(self):\n        {test.replace('; ', chr(10) + ' ' * 8)}\n"
        for number, test in enumerate(tests)
    )
    return PythonCheck(
        kind="python", starter="", solution=solution, tests=HEADER + before + methods
    )


def causes(evidence: Evidence) -> set[tuple[FindingCode, object]]:
    return {(reason.code, reason.params.get("cause")) for reason in evidence.reasons}


TODAY = "import datetime\ndef f():\n    return datetime.date.today().{}\n"
DEPENDENT = {
    "the year": (TODAY.format("year > 2020"), "self.assertTrue(f())", Cause.OTHER_DAY),
    "the distance to a date": (
        "from datetime import datetime\n"
        "def f(deadline):\n    return datetime.now() < datetime.fromisoformat(deadline)\n",
        "self.assertTrue(f('2030-01-01')); self.assertFalse(f('2001-01-01'))",
        Cause.OTHER_DAY,
    ),
    "the clock": (
        "import time\ndef f():\n    return time.time() > 1_600_000_000\n",
        "self.assertTrue(f())",
        Cause.OTHER_DAY,
    ),
    "the time zone": (
        "import datetime\ndef f(stamp):\n    return str(datetime.datetime.fromtimestamp(stamp))\n",
        "self.assertEqual(f(0), '1970-01-01 00:00:00')",
        Cause.OTHER_TIME_ZONE,
    ),
    "local time": (
        "import time\ndef f(stamp):\n    return time.strftime('%H', time.localtime(stamp))\n",
        "self.assertEqual(f(0), '00'); self.assertEqual(f(3600), '01')",
        Cause.OTHER_TIME_ZONE,
    ),
    "a set of numbers": (
        "def f(values):\n    return list(set(values))\n",
        "self.assertEqual(f([3, 1, 3, 2]), [1, 2, 3])",
        Cause.SET_ORDER,
    ),
    "a set that grows": (
        "def f(values):\n    seen = set()\n    for v in values:\n        seen.add(v)\n"
        "    return [v * 2 for v in seen]\n",
        "self.assertEqual(f([3, 1, 3, 2]), [2, 4, 6])",
        Cause.SET_ORDER,
    ),
    "a returned frozen set": (
        "def f(values):\n    return frozenset(values)\n",
        "self.assertEqual(tuple(f([3, 1, 3, 2])), (1, 2, 3))",
        Cause.SET_ORDER,
    ),
    "a set that is passed": (
        "def f(values):\n    return ' '.join(map(str, values))\n",
        "self.assertEqual(f({1, 2, 3}), '1 2 3')",
        Cause.SET_ORDER,
    ),
    "a member that is removed": (
        "def f(values):\n    return values.pop()\n",
        "self.assertEqual(f({1, 2, 3}), 1)",
        Cause.SET_ORDER,
    ),
    "common keys": (
        "def f(a, b):\n    return [key for key in a.keys() & b.keys()]\n",
        "self.assertEqual(f({1: 0, 2: 0}, {2: 0, 1: 0}), [1, 2])",
        Cause.SET_ORDER,
    ),
    "ties among members": (
        "def f(values):\n    return max(set(values), key=lambda v: v % 2)\n",
        "self.assertEqual(f([1, 3, 5]), 1)",
        Cause.SET_ORDER,
    ),
}


@pytest.mark.parametrize("name", DEPENDENT)
def test_a_result_that_depends_on_the_conditions_names_them(
    name: str, python_sandbox: Sandbox
) -> None:
    solution, test, cause = DEPENDENT[name]

    evidence = check_python(draft(solution, test), python_sandbox)

    assert causes(evidence) == {(FindingCode.NOT_REPEATABLE, cause)}
    assert evidence.reasons[0].where == ("test_solution.T.test_0",)
    assert evidence.repeatable is False


def test_a_result_that_depends_on_a_hash_is_not_repeatable(python_sandbox: Sandbox) -> None:
    solution = "def f(word):\n    return hash(word)\n"
    asked = draft(solution, "self.assertEqual(f('pear'), 0)")
    failed = check_python(asked, python_sandbox)
    value = failed.failures[0].message.rpartition("AssertionError: ")[2].partition(" ")[0]

    tests = asked.tests.replace("'pear'), 0", f"'pear'), {value}")
    evidence = check_python(asked.model_copy(update={"tests": tests}), python_sandbox)

    assert causes(evidence) == {(FindingCode.NOT_REPEATABLE, Cause.HASH_VALUE)}


def test_chance_without_a_seed_is_named(python_sandbox: Sandbox) -> None:
    lucky = random.Random(FIRST.seed).randint(1, 1000)
    solution = "import random\ndef roll():\n    return random.randint(1, 1000)\n"

    evidence = check_python(draft(solution, f"self.assertEqual(roll(), {lucky})"), python_sandbox)

    assert causes(evidence) == {(FindingCode.NOT_REPEATABLE, Cause.OTHER_CHANCE)}


def test_tests_that_need_an_earlier_test_are_reported(python_sandbox: Sandbox) -> None:
    solution = (
        "class Tray:\n    is_open = False\n    def open(self):\n        self.is_open = True\n"
    )
    tests = (
        "self.tray.open(); self.assertTrue(self.tray.is_open)",
        "self.assertTrue(self.tray.is_open)",
    )

    evidence = check_python(draft(solution, *tests, before="    tray = Tray()\n"), python_sandbox)

    assert causes(evidence) == {
        (FindingCode.TESTS_DEPEND_ON_EACH_OTHER, Cause.ORDER_OF_TESTS),
        (FindingCode.TESTS_DEPEND_ON_EACH_OTHER, Cause.TEST_ALONE),
    }
    assert evidence.reasons[0].where == ("test_solution.T.test_1",)


def test_a_test_that_works_only_after_another_in_either_order_is_found_alone(
    python_sandbox: Sandbox,
) -> None:
    solution = "SEEN = []\ndef f(n):\n    SEEN.append(n)\n    return len(SEEN) > 1 or n > 5\n"
    tests = ("f(1); self.assertTrue(f(9))", "self.assertTrue(f(9))", "f(3); self.assertTrue(f(4))")

    middle = draft(solution, tests[0], "self.assertTrue(f(2))", tests[2])

    evidence = check_python(middle, python_sandbox)

    assert (FindingCode.TESTS_DEPEND_ON_EACH_OTHER, Cause.TEST_ALONE) in causes(evidence)


REPEATABLE = {
    "a generator with a seed": draft(
        "import random\ndef roll(seed):\n    return random.Random(seed).randint(1, 6)\n",
        "import random; self.assertEqual(roll(7), random.Random(7).randint(1, 6)); "
        "self.assertEqual(roll(8), random.Random(8).randint(1, 6))",
        "self.assertTrue(all(1 <= roll(n) <= 6 for n in range(50)))",
    ),
    "a given day": draft(
        "from datetime import date\ndef age(born, today):\n"
        "    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))\n",
        "self.assertEqual(age(date(2000, 5, 1), date(2026, 5, 1)), 26)",
        "self.assertEqual(age(date(2000, 5, 1), date(2026, 4, 30)), 25); "
        "self.assertEqual(age(date(2000, 5, 9), date(2026, 5, 1)), 25); "
        "self.assertEqual(age(date(2000, 6, 1), date(2026, 5, 30)), 25)",
    ),
    "a sorted set": draft(
        "def unique(values):\n    return sorted(set(values))\n",
        "self.assertEqual(unique(['b', 'a', 'b']), ['a', 'b'])",
        "self.assertEqual(unique([]), [])",
    ),
    "a set compared with a set": draft(
        "def common(a, b):\n    return set(a) & set(b)\n",
        "self.assertEqual(common('abc', 'bcd'), {'b', 'c'})",
        "self.assertEqual(common('a', 'b'), set())",
    ),
    "equal objects with equal hashes": draft(
        "class Point:\n    def __init__(self, name):\n        self.name = name\n"
        "    def __eq__(self, other):\n        return self.name == other.name\n"
        "    def __hash__(self):\n        return hash(self.name)\n",
        "self.assertEqual(hash(Point('a')), hash(Point('a'))); "
        "self.assertEqual(len({Point('a'), Point('a'), Point('b')}), 2)",
        "self.assertEqual(Point('a'), Point('a')); self.assertNotEqual(Point('a'), Point('b'))",
    ),
    "fixtures of the class": draft(
        "def total(values):\n    return sum(values)\n",
        "self.assertEqual(total(self.values), 6)",
        "self.assertEqual(total([]), 0)",
        before="    @classmethod\n    def setUpClass(cls):\n        cls.values = [1, 2, 3]\n",
    ),
    "a changed precision": draft(
        "import decimal\ndecimal.getcontext().prec = 5\n"
        "def third():\n    return str(decimal.Decimal(1) / 3)\n",
        "self.assertEqual(third(), '0.33333')",
    ),
    "a module that can be imported once": draft(
        "import math\nassert not hasattr(math, 'mark')\nmath.mark = True\n"
        "def double(n):\n    return 2 * n\n",
        "self.assertEqual(double(3), 6)",
        "self.assertEqual(double(0), 0)",
    ),
    "a duration": draft(
        "import time\ndef timed(work):\n    started = time.time()\n    work()\n"
        "    return time.time() - started >= 0\n",
        "self.assertTrue(timed(lambda: None))",
    ),
}


@pytest.mark.parametrize("name", REPEATABLE)
def test_a_repeatable_draft_is_not_suspected(name: str, python_sandbox: Sandbox) -> None:
    evidence = check_python(REPEATABLE[name], python_sandbox)

    assert evidence.repeatable is True
    assert evidence.solution_passes is True
    suspected = {FindingCode.NOT_REPEATABLE, FindingCode.TESTS_DEPEND_ON_EACH_OTHER}
    assert not {reason.code for reason in evidence.reasons} & suspected


def test_fixtures_of_the_module_are_set_up_for_each_test(python_sandbox: Sandbox) -> None:
    held = draft(
        "def total(values):\n    return sum(values)\n",
        "self.assertEqual(total(VALUES), 6)",
        "self.assertEqual(total(VALUES[:1]), 1); self.assertEqual(total([]), 0)",
    )
    fixture = "VALUES = []\ndef setUpModule():\n    VALUES.extend([1, 2, 3])\n\n"
    tests = held.tests.replace("class T", f"{fixture}class T")

    evidence = check_python(held.model_copy(update={"tests": tests}), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
