"""Exercises in the styles of human authors are verified without false alarms."""

from dataclasses import dataclass

import pytest

from coursewright.domain.evidence import Cause, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python import cheat_detection
from coursewright.verification.python.check import check_python
from coursewright.verification.python.review_host import with_review
from coursewright.verification.sandbox.worker_pool import Sandbox


@dataclass(frozen=True)
class Exercise:
    """An exercise file with its starter, solution and tests."""

    file_name: str
    starter: str
    solution: str
    tests: str

    def draft(self) -> PythonCheck:
        return PythonCheck(
            kind="python",
            file_name=self.file_name,
            starter=self.starter,
            solution=self.solution,
            tests=self.tests,
        )


ACCOUNT = Exercise(
    "savings_account.py",
    "class SavingsAccount:\n    def open(self):\n        pass\n",
    """
import threading


class SavingsAccount:
    def __init__(self):
        self._lock = threading.Lock()
        self._is_open = False
        self._balance = 0

    def open(self):
        if self._is_open:
            raise ValueError("account already open")
        self._is_open, self._balance = True, 0

    def close(self):
        self._require_open()
        self._is_open = False

    def get_balance(self):
        self._require_open()
        with self._lock:
            return self._balance

    def deposit(self, amount):
        self._require_open()
        if amount <= 0:
            raise ValueError("amount must be greater than 0")
        with self._lock:
            self._balance += amount

    def withdraw(self, amount):
        self._require_open()
        if amount <= 0:
            raise ValueError("amount must be greater than 0")
        if amount > self._balance:
            raise ValueError("amount must be less than balance")
        with self._lock:
            self._balance -= amount

    def _require_open(self):
        if not self._is_open:
            raise ValueError("account not open")
""",
    """
import unittest

from savings_account import (
    SavingsAccount,
)

# Tests adapted for a course
class SavingsAccountTest(unittest.TestCase):
    def setUp(self):
        self.account = SavingsAccount()
        self.account.open()

    def tearDown(self):
        del self.account

    def test_newly_opened_account_has_zero_balance(self):
        self.assertEqual(self.account.get_balance(), 0)

    def test_multiple_deposits(self):
        self.account.deposit(100)
        self.account.deposit(50)
        self.assertEqual(self.account.get_balance(), 150)

    def test_withdraw(self):
        self.account.deposit(100)
        self.account.withdraw(75)
        self.assertEqual(self.account.get_balance(), 25)
        self.account.withdraw(25)
        self.assertEqual(self.account.get_balance(), 0)

    def test_cannot_open_twice(self):
        with self.assertRaises(ValueError) as err:
            self.account.open()
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "account already open")

    def test_cannot_use_a_closed_account(self):
        self.account.close()
        for use in (self.account.close, self.account.get_balance):
            with self.subTest(use=use.__name__):
                with self.assertRaises(ValueError) as err:
                    use()
                self.assertEqual(err.exception.args[0], "account not open")

    def test_amounts_are_positive(self):
        self.account.deposit(10)
        for amount in (0, -1):
            with self.assertRaisesWithMessage(ValueError):
                self.account.deposit(amount)
            with self.assertRaisesWithMessage(ValueError):
                self.account.withdraw(amount)
        self.account.deposit(1)
        self.account.withdraw(1)
        self.assertEqual(self.account.get_balance(), 10)

    def test_cannot_withdraw_more_than_there_is(self):
        self.account.deposit(25)
        with self.assertRaises(ValueError) as err:
            self.account.withdraw(26)
        self.assertEqual(err.exception.args[0], "amount must be less than balance")

    def test_can_open_again(self):
        self.account.deposit(5)
        self.account.close()
        self.account.open()
        self.assertEqual(self.account.get_balance(), 0)

    # Utility functions
    def assertRaisesWithMessage(self, exception):
        return self.assertRaisesRegex(exception, r".+")


if __name__ == "__main__":
    unittest.main()
""",
)
ROBOT = Exercise(
    "droid_name.py",
    "class Droid:\n    def __init__(self):\n        pass\n",
    """
import itertools
import random

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_used = set()


class Droid:
    def __init__(self):
        self.reset()

    def reset(self):
        while True:
            letters = "".join(random.choice(LETTERS) for _ in range(2))
            name = f"{letters}{random.randrange(1000):03d}"
            if name not in _used:
                _used.add(name)
                self._name = name
                return

    @property
    def name(self):
        return self._name
""",
    """
import random
import unittest

from droid_name import Droid


class DroidNameTest(unittest.TestCase):
    # assertRegex() alias to address DeprecationWarning
    if not hasattr(unittest.TestCase, "assertRegex"):
        assertRegex = unittest.TestCase.assertRegexpMatches

    name_re = r"^[A-Z]{2}\\d{3}$"

    def test_has_name(self):
        self.assertRegex(Droid().name, self.name_re)

    def test_name_sticks(self):
        droid = Droid()
        self.assertEqual(droid.name, droid.name)

    def test_different_droids_have_different_names(self):
        self.assertNotEqual(Droid().name, Droid().name)

    def test_reset_name(self):
        seed = "Totally random."
        random.seed(seed)
        droid = Droid()
        name = droid.name
        random.seed(seed)
        droid.reset()
        name2 = droid.name
        self.assertNotEqual(name, name2)
        self.assertRegex(name2, self.name_re)
""",
)
GENERATOR = Exercise(
    "bottles.py",
    "def verses(start):\n    pass\n",
    '''
def verses(start):
    """Sing, from so many down to none."""
    for number in range(start, -1, -1):
        bottles = f"{number or 'no'} bottle{'s' if number != 1 else ''}"
        yield f"{bottles} of juice on the wall".capitalize()
''',
    """
import unittest
from bottles import verses


class BottlesTest(unittest.TestCase):
    maxDiff = None

    def test_is_lazy(self):
        self.assertEqual(next(iter(verses(10**6))), "1000000 bottles of juice on the wall")

    def test_three(self):
        expected = [
            "3 bottles of juice on the wall",
            "2 bottles of juice on the wall",
            "1 bottle of juice on the wall",
            "No bottles of juice on the wall",
        ]
        self.assertEqual(list(verses(3)), expected)

    def test_zero(self):
        self.assertSequenceEqual(list(verses(0)), ["No bottles of juice on the wall"])
""",
)
ERRORS = Exercise(
    "stack_machine.py",
    "class StackUnderflowError(Exception):\n    pass\n\n\ndef evaluate(program):\n    pass\n",
    """
class StackUnderflowError(Exception):
    def __init__(self, message):
        self.message = message
        super().__init__(message)


def evaluate(program):
    stack = []
    for word in " ".join(program).lower().split():
        if word.lstrip("-").isdigit():
            stack.append(int(word))
            continue
        if word not in {"+", "-", "*", "/", "dup"}:
            raise ValueError("undefined operation")
        if len(stack) < (1 if word == "dup" else 2):
            raise StackUnderflowError("Insufficient number of items in stack")
        if word == "dup":
            stack.append(stack[-1])
            continue
        right, left = stack.pop(), stack.pop()
        if word == "+":
            stack.append(left + right)
        elif word == "-":
            stack.append(left - right)
        elif word == "*":
            stack.append(left * right)
        else:
            if right == 0:
                raise ZeroDivisionError("divide by zero")
            stack.append(left // right)
    return stack
""",
    """
import unittest

from stack_machine import evaluate, StackUnderflowError


class StackMachineTest(unittest.TestCase):
    def test_numbers_just_get_pushed_onto_the_stack(self):
        self.assertEqual(evaluate(["1 2 3 4 5"]), [1, 2, 3, 4, 5])
        self.assertEqual(evaluate(["-1 -2"]), [-1, -2])

    def test_sums(self):
        self.assertEqual(evaluate(["1 2 +"]), [3])
        self.assertEqual(evaluate(["3 4 -"]), [-1])
        self.assertEqual(evaluate(["2 4 *"]), [8])
        self.assertEqual(evaluate(["12 3 /"]), [4])
        self.assertEqual(evaluate(["8 3 /"]), [2])

    def test_dup_and_case(self):
        self.assertEqual(evaluate(["1 2 DUP"]), [1, 2, 2])
        self.assertEqual(evaluate(["1 dup", "+"]), [2])

    def test_underflow(self):
        for program in ("+", "1 +", "dup", "1 -"):
            with self.assertRaises(StackUnderflowError) as err:
                evaluate([program])
            self.assertEqual(type(err.exception), StackUnderflowError)
            self.assertEqual(
                str(err.exception.args[0]), "Insufficient number of items in stack"
            )

    # divide by zero
    def test_errors_if_dividing_by_zero(self):
        with self.assertRaises(ZeroDivisionError) as err:
            evaluate(["4 0 /"])
        self.assertEqual(err.exception.args[0], "divide by zero")

    def test_unknown_words(self):
        with self.assertRaisesRegex(ValueError, "^undefined operation$"):
            evaluate(["1 foo"])

    @unittest.skip("extra-credit")
    def test_definitions(self):
        self.assertEqual(evaluate([": two dup ;", "1 two"]), [1, 1])
""",
)
OPERATORS = Exercise(
    "wall_clock.py",
    "class Clock:\n    def __init__(self, hour, minute):\n        pass\n",
    """
class Clock:
    def __init__(self, hour, minute):
        self.minutes = (hour * 60 + minute) % 1440

    def __repr__(self):
        return f"Clock({self.minutes // 60}, {self.minutes % 60})"

    def __str__(self):
        return f"{self.minutes // 60:02d}:{self.minutes % 60:02d}"

    def __eq__(self, other):
        return self.minutes == other.minutes

    def __hash__(self):
        return hash(self.minutes)

    def __add__(self, minutes):
        return Clock(0, self.minutes + minutes)

    def __sub__(self, minutes):
        return self + -minutes
""",
    """
import unittest
from wall_clock import Clock


class ClockTest(unittest.TestCase):
    def test_on_the_hour(self):
        self.assertEqual(str(Clock(8, 0)), "08:00")

    def test_negative_and_large(self):
        self.assertEqual(str(Clock(-25, -160)), "20:20")
        self.assertEqual(str(Clock(201, 3001)), "11:01")

    def test_repr(self):
        self.assertEqual(repr(Clock(12, 30)), "Clock(12, 30)")

    def test_add_and_subtract(self):
        self.assertEqual(str(Clock(0, 45) + 40), "01:25")
        self.assertEqual(str(Clock(6, 15) - 160), "03:35")
        self.assertEqual(Clock(5, 32) - 1500, Clock(4, 32))

    def test_equality(self):
        self.assertEqual(Clock(15, 37), Clock(15, 37))
        self.assertNotEqual(Clock(15, 36), Clock(15, 37))
        self.assertEqual(Clock(-54, -11513), Clock(18, 7))
        self.assertEqual(len({Clock(1, 0), Clock(25, 0)}), 1)
""",
)
PARAMETRISED = Exercise(
    "grain_count.py",
    "def square(number):\n    pass\n\n\ndef total():\n    pass\n",
    """
def square(number):
    if number < 1 or number > 64:
        raise ValueError("square must be between 1 and 64")
    return 1 << (number - 1)


def total():
    return (1 << 64) - 1
""",
    """
import unittest
from unittest import mock

import grain_count
from grain_count import (
    square,
    total,
)

CASES = {1: 1, 2: 2, 3: 4, 16: 32768, 32: 2147483648, 64: 9223372036854775808}


class GrainsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = CASES

    def test_squares(self):
        for number, grains in self.cases.items():
            with self.subTest(f"square {number}", number=number):
                self.assertEqual(square(number), grains)

    def test_out_of_range(self):
        for number in [0, -1, 65]:
            self.assert_is_refused(number)

    def assert_is_refused(self, number):
        with self.assertRaises(ValueError) as err:
            square(number)
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "square must be between 1 and 64")

    def test_total(self):
        self.assertEqual(total(), 18446744073709551615)
        self.assertTrue(total() > 0)
        self.assertFalse(total() % 2 == 0)
        self.assertIsNotNone(total())


@mock.patch("builtins.print", name="print")
class SilentTest(unittest.TestCase):
    def test_prints_nothing(self, printed):
        self.assertEqual(grain_count.square(2), 2)
        printed.assert_not_called()
""",
)
FLOATS = Exercise(
    "growth.py",
    "",
    """
from datetime import date, timedelta
from decimal import Decimal


def interest(amount, rate):
    return amount * (1 + rate / 100)


def due(day, days=14):
    return day + timedelta(days=days)


def cents(amount):
    return int(Decimal(amount) * 100)
""",
    """
import unittest
from datetime import date
from growth import cents, due, interest


class GrowthTest(unittest.TestCase):
    def test_interest(self):
        self.assertAlmostEqual(interest(100.0, 5), 105.0, places=5)
        self.assertAlmostEqual(interest(3, 10), 3.3, delta=0.0001)
        self.assertGreater(interest(1, 1), 1)
        self.assertLessEqual(interest(1, 0), 1)

    def test_due(self):
        self.assertEqual(due(date(2024, 2, 20)), date(2024, 3, 5))
        self.assertEqual(due(date(2024, 2, 28), 1), date(2024, 2, 29))
        self.assertIsInstance(due(date.min), date)

    def test_cents(self):
        self.assertEqual(cents("1.23"), 123)
        self.assertCountEqual([cents("1"), cents("2")], [200, 100])
        self.assertIn(cents("0.5"), {50, 51})
        self.assertDictEqual({"a": cents("3")}, {"a": 300})
""",
)
PRINTED = Exercise(
    "hello_there.py",
    'def greet(name):\n    print("...")\n',
    'def greet(name):\n    print("Hello, " + name + "!")\n',
    """
import contextlib
import io
import unittest
from hello_there import greet


class GreetTest(unittest.TestCase):
    def said(self, name):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            greet(name)
        return out.getvalue()

    def test_ada(self):
        self.assertEqual(self.said("Ada"), "Hello, Ada!\\n")

    def test_nobody(self):
        assert self.said("") == "Hello, !\\n", "even nobody is greeted"
""",
)
EXERCISES = {
    exercise.file_name: exercise
    for exercise in (
        ACCOUNT,
        ROBOT,
        GENERATOR,
        ERRORS,
        OPERATORS,
        PARAMETRISED,
        FLOATS,
        PRINTED,
    )
}


@pytest.mark.parametrize("file_name", EXERCISES)
def test_an_exercise_is_verified(file_name: str, python_sandbox: Sandbox) -> None:
    draft = EXERCISES[file_name].draft()

    evidence = with_review(check_python(draft, python_sandbox), draft, python_sandbox)

    assert evidence.reasons == ()
    assert evidence.verdict is Verdict.VERIFIED


def test_assertions_of_slow_tests_are_negated_one_by_one(
    python_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cheat_detection, "NEGATION_FUEL", 300_000_000)
    slow = PARAMETRISED.solution.replace(
        "def total():\n", "def total():\n    sum(range(200_000))\n"
    )
    draft = PARAMETRISED.draft().model_copy(update={"solution": slow})

    evidence = check_python(draft, python_sandbox)

    assert evidence.reasons == ()
    assert Cause.ASSERTIONS_LEFT in [doubt.params["cause"] for doubt in evidence.doubts]
