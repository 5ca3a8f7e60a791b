"""Code that cannot be loaded is rejected with a specific reason code."""

from typing import Any

import pytest

from coursewright.domain.evidence import Evidence, FindingCode
from coursewright.markup.evidence_text import finding_text
from coursewright.markup.finding_sentences import SENTENCES
from coursewright.verification.check import check
from coursewright.verification.check_request import parse_request

SOLUTION = "def double(n):\n    return 2 * n\n"
TESTS = """import unittest
from solution import double

class DoubleTest(unittest.TestCase):
    def test_a(self):
        self.assertEqual(double(3), 6)
        self.assertEqual(double(0), 0)
"""


def checked(**parts: Any) -> Evidence:
    draft = {"kind": "python", "starter": "", "solution": SOLUTION, "tests": TESTS}
    return check(parse_request({**draft, **parts}))


def codes(evidence: Evidence) -> list[FindingCode]:
    return [reason.code for reason in evidence.reasons]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"solution": "def double(n)\n"}, FindingCode.SOLUTION_IS_NOT_PYTHON),
        ({"solution": "def twice(n):\n    return 2 * n\n"}, FindingCode.NAME_MISSING),
        ({"solution": "import numpy\n" + SOLUTION}, FindingCode.SANDBOX_LACKS),
        ({"solution": ""}, FindingCode.NAME_MISSING),
        ({"solution": "x = 1 / 0\n"}, FindingCode.SOLUTION_DOES_NOT_LOAD),
        ({"solution": SOLUTION + "# " + "x" * 204_800}, FindingCode.CODE_TOO_LONG),
        ({"tests": TESTS + "# " + "x" * 204_800}, FindingCode.CODE_TOO_LONG),
        ({"tests": "class ("}, FindingCode.TESTS_ARE_NOT_PYTHON),
        ({"tests": "import pytest\n" + TESTS}, FindingCode.SANDBOX_LACKS),
        ({"tests": "import nothing_like_it\n" + TESTS}, FindingCode.SANDBOX_LACKS),
        ({"tests": ""}, FindingCode.NO_TESTS),
        ({"tests": "print(1)\n"}, FindingCode.NO_TESTS),
        ({"tests": TESTS.replace("    def", "    @unittest.skip('')\n    def")},
         FindingCode.ALL_TESTS_SKIPPED),
    ],
)  # fmt: skip
def test_each_fault_has_a_code_of_its_own(parts: dict[str, str], code: FindingCode) -> None:
    evidence = checked(**parts)

    assert codes(evidence) == [code]
    assert finding_text(evidence.reasons[0]).startswith(SENTENCES[code].rstrip("."))


@pytest.mark.parametrize(
    "use",
    [
        "import threading\n    threading.Thread(target=print).start()",
        "import concurrent.futures\n"
        "    list(concurrent.futures.ThreadPoolExecutor().map(abs, [1]))",
        "import asyncio\n    asyncio.run(asyncio.sleep(0))",
        "import zoneinfo\n    zoneinfo.ZoneInfo('Europe/Berlin')",
        "import subprocess\n    subprocess.run(['ls'])",
        "import os\n    os.fork()",
        "import multiprocessing\n    multiprocessing.Pool(2)",
        "import socket\n    socket.create_connection(('127.0.0.1', 80))",
        "import requests",
    ],
)
def test_missing_sandbox_features_are_reported(use: str) -> None:
    evidence = checked(solution=f"def double(n):\n    {use}\n    return 2 * n\n")

    assert codes(evidence) == [FindingCode.SANDBOX_LACKS]


def test_names_missing_in_the_tests_are_attributed_to_them() -> None:
    threads = TESTS.replace("self.assertEqual(double(3), 6)", "threading.Thread().start()")

    evidence = checked(tests="import threading\n" + threads)

    assert codes(evidence) == [FindingCode.SANDBOX_LACKS]
    assert evidence.fault == "tests"


def test_a_test_that_needs_an_event_loop_is_explained() -> None:
    awaited = TESTS.replace("TestCase", "IsolatedAsyncioTestCase").replace("def", "async def")

    evidence = checked(tests=awaited)

    assert codes(evidence) == [FindingCode.SANDBOX_LACKS]


@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.replace("\n", "\r\n"),
        lambda code: code.replace("\n", "\r"),
        lambda code: "\ufeff" + code,
        lambda code: code + "# ünïcödé → 😀\n",
        lambda code: "# -*- coding: latin-1 -*-\n" + code,
        lambda code: code.replace("double", "doppelt_größer"),
        lambda code: code + "NOTE = 'half a character: \ud83d'\n",
        lambda code: code.replace("    ", "\t"),
    ],
    ids=["CRLF", "CR", "mark", "symbols", "coding", "umlauts", "half", "tabs"],
)
def test_text_of_other_editors_and_languages_is_accepted(change: Any) -> None:
    evidence = checked(solution=change(SOLUTION), tests=change(TESTS))

    assert evidence.verdict == "verified"


def test_a_module_of_the_sandboxs_own_name_is_not_found() -> None:
    evidence = checked(solution="import coursewright\n" + SOLUTION)

    assert codes(evidence) == [FindingCode.SANDBOX_LACKS]


def test_every_code_has_a_sentence() -> None:
    assert SENTENCES.keys() == set(FindingCode)
