"""Whatever a draft tries, it is contained and the next check is right."""

import os
from pathlib import Path

import pytest

from coursewright.verification.contract import Evidence, PythonCheck, ReasonCode, Verdict
from coursewright.verification.python_check import check_python
from coursewright.verification.sandbox import Sandbox

HONEST = "def double(n):\n    return 2 * n\n"
TESTS = """
import unittest

from solution import double


class DoubleTest(unittest.TestCase):
    def test_three(self):
        self.assertEqual(double(3), 6)

    def test_zero(self):
        self.assertEqual(double(0), 0)
"""


def draft(solution: str) -> PythonCheck:
    starter = "def double(n):\n    pass\n"
    return PythonCheck(kind="python", starter=starter, solution=solution, tests=TESTS)


def codes(evidence: Evidence) -> set[ReasonCode]:
    return {reason.code for reason in evidence.reasons}


ATTACKS = {
    "an endless loop": (
        "def double(n):\n    while True:\n        pass\n",
        ReasonCode.TIMED_OUT,
    ),
    "endless work in C": (
        "def double(n):\n    return sum(range(10**15))\n",
        ReasonCode.TIMED_OUT,
    ),
    "a nap": ("import time\ntime.sleep(1000)\n", ReasonCode.TIMED_OUT),
    "a memory bomb": (
        "def double(n):\n    heap = []\n    while True:\n        heap.append('x' * 10**6)\n",
        ReasonCode.OUT_OF_MEMORY,
    ),
    "endless recursion": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef double(n):\n    return double(n)\n",
        ReasonCode.SOLUTION_FAILS,
    ),
    "a stack overflow in the parser": (
        "eval('-' * 50000 + '1')\n" + HONEST,
        ReasonCode.ENDED_EARLY,
    ),
    "an exit": ("import sys\nsys.exit(0)\n", ReasonCode.SOLUTION_DOES_NOT_LOAD),
    "an exit without farewell": ("import os\nos._exit(0)\n", ReasonCode.ENDED_EARLY),
    "an interrupt in a test": (
        "def double(n):\n    raise KeyboardInterrupt\n",
        ReasonCode.ENDED_EARLY,
    ),
    "a new process": (
        "import subprocess\nsubprocess.run(['id'])\n",
        ReasonCode.SANDBOX_LACKS,
    ),
    "a fork bomb": ("import os\nwhile True:\n    os.fork()\n", ReasonCode.SANDBOX_LACKS),
    "a socket": (
        "import socket\nsocket.create_connection(('127.0.0.1', 80))\n",
        ReasonCode.SANDBOX_LACKS,
    ),
    "killing the parent": (
        "import os\nos.kill(os.getppid(), 9)\n",
        ReasonCode.SOLUTION_DOES_NOT_LOAD,
    ),
    "a patched assertion": (
        "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndouble = abs\n",
        ReasonCode.TESTS_TAMPERED_WITH,
    ),
    "a patched test run": (
        "import unittest\nunittest.TestCase.run = lambda self, result: result.addSuccess(self)\n"
        "double = abs\n",
        ReasonCode.TESTS_TAMPERED_WITH,
    ),
    "a patched built-in": (
        "import builtins\nbuiltins.AssertionError = KeyError\ndouble = abs\n",
        ReasonCode.TESTS_TAMPERED_WITH,
    ),
    "a printed result": (
        "import json, os\n"
        "forged = json.dumps({'nonce': '', 'outcomes': [], 'tampered': False})\n"
        "os.write(1, forged.encode())\nprint(forged)\nos._exit(0)\n",
        ReasonCode.ENDED_EARLY,
    ),
    "a result put in place": (
        "import __main__, os\n__main__.result = '{}'\nos._exit(0)\n",
        ReasonCode.ENDED_EARLY,
    ),
    "a patched encoder": (
        "import json\njson.dumps = lambda *a, **k: '{}'\ndef double(n):\n    return 0\n",
        None,
    ),
}


@pytest.mark.parametrize(("solution", "code"), ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_contained_and_the_next_check_is_right(
    solution: str, code: ReasonCode | None, python_sandbox: Sandbox
) -> None:
    evidence = check_python(draft(solution), python_sandbox)
    afterwards = check_python(draft(HONEST), python_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert code is None or code in codes(evidence)
    assert afterwards.verdict is Verdict.VERIFIED


def test_a_flood_of_output_is_thrown_away(python_sandbox: Sandbox) -> None:
    flood = (
        "import os\nfor _ in range(300):\n    os.write(1, b'x' * 10**5)\n    print('x' * 10**5)\n"
    )

    evidence = check_python(draft(flood + HONEST), python_sandbox)

    assert evidence.solution_passes is True


def test_neither_environment_nor_files_can_be_seen(
    python_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    spy = (
        "import os\n"
        "seen = [item for item in os.environ.items() if item[0][:6] != 'PYTHON']\n"
        f"for path in ({__file__!r}, '/etc/passwd', '/proc/self/environ', '/proc/1/environ'):\n"
        "    try:\n        seen.append(open(path).read())\n    except OSError:\n        pass\n"
        "assert not seen, seen\n"
    )

    evidence = check_python(draft(spy + HONEST), python_sandbox)

    assert evidence.solution_passes is True


def test_nothing_is_left_of_one_check_in_the_next(python_sandbox: Sandbox) -> None:
    once = "import math, os\nassert not hasattr(math, 'mark')\nmath.mark = True\n" + HONEST

    first = check_python(draft(once), python_sandbox)
    second = check_python(draft(once), python_sandbox)

    assert (first.solution_passes, second.solution_passes) == (True, True)


def test_an_endless_loop_costs_one_time_out() -> None:
    from time import monotonic

    from coursewright.verification.sandbox import Limits

    sandbox = Sandbox("python", Limits(seconds=0.5))
    check_python(draft(HONEST), sandbox)
    started = monotonic()

    check_python(draft("while True:\n    pass\n"), sandbox)

    sandbox.close()
    assert monotonic() - started < 1.5


def test_the_worker_has_no_environment_of_ours(python_sandbox: Sandbox) -> None:
    check_python(draft(HONEST), python_sandbox)

    children = _children()

    assert children
    for child in children:
        environment = Path(f"/proc/{child}/environ").read_bytes()
        assert b"AWS" not in environment
        assert os.getsid(child) != os.getsid(0)


def _children() -> list[int]:
    processes = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    mine = os.getpid()
    return [p for p in processes if _parent(p) == mine and b"worker.py" in _command(p)]


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
