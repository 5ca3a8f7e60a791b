"""Scenarios C: faulty drafts and malicious code."""

from typing import Any

import pytest

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.domain.verification import repair_at
from coursewright.markup.evidence_text import finding_text
from coursewright.verification.check import check, check_in
from coursewright.verification.check_request import parse_request
from coursewright.verification.sandbox.worker_pool import Limits, Sandbox, python_sandbox
from tests.hostile_drafts import CHEATS, HONEST, STARTER, SYSTEM_ATTACKS, TESTS
from tests.unit.verification.sql.attacks import ATTACKS
from tests.unit.verification.sql.test_check import DRAFT as HONEST_QUERY
from tests.verification_faults import DRAFTS, LIMITS, fail_each_step

GOOD = {
    "kind": "python",
    "file_name": "solution.py",
    "starter": STARTER,
    "solution": HONEST,
    "tests": TESTS,
}
HEAD = (
    "import random\nimport unittest\nfrom solution import double\n\n\nclass T(unittest.TestCase):\n"
)
FAULTY: dict[str, tuple[dict[str, str], str]] = {
    "a wrong solution": ({"solution": "def double(n):\n    return n + 3\n"}, "solution"),
    "wrong tests": ({"tests": TESTS.replace("6)", "7)")}, "solution"),
    "tests that do not load": ({"tests": "import nothing_at_all\n" + TESTS}, "tests"),
    "a starter that passes": ({"starter": HONEST}, "tests"),
    "tests too weak": (
        {
            "solution": "def double(n):\n    if n > 100:\n        return n + n + 0 * n\n"
            "    if n < -100:\n        return n + n - n + n\n    return 2 * n\n",
            "tests": HEAD + "    def test_a(self):\n        self.assertEqual(double(1), 2)\n",
        },
        "tests",
    ),
    "tests that depend on chance": (
        {
            "tests": HEAD
            + "".join(
                f"    def test_{number}(self):\n        self.assertEqual(double(3), 6)\n"
                "        self.assertNotEqual(random.randrange(2), 0)\n"
                for number in range(8)
            )
        },
        "tests",
    ),
    "tests that check nothing": (
        {"tests": HEAD + "    def test_a(self):\n        self.assertTrue(double)\n"},
        "tests",
    ),
}
ATTACKS_ON_PYTHON = {
    name: (SYSTEM_ATTACKS | CHEATS)[name]
    for name in ("an endless loop", "one huge list", "an exit without cleanup", *list(CHEATS)[:3])
}


def checked(**changes: Any) -> Evidence:
    return check(parse_request(GOOD | changes))


@pytest.mark.parametrize("name", FAULTY)
def test_scenario_20_a_faulty_draft_is_rejected_and_can_be_repaired(name: str) -> None:
    changes, fault = FAULTY[name]

    evidence = checked(**changes)

    assert evidence.verdict is Verdict.REJECTED
    assert evidence.reasons
    assert all(finding_text(reason) for reason in evidence.reasons)
    assert evidence.fault == fault
    assert repair_at(evidence.fault, 0) == fault


@pytest.mark.parametrize("name", ATTACKS_ON_PYTHON)
def test_scenario_21_hostile_code_is_contained_and_the_next_check_is_right(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = Limits(max_fuel=7 * 10**9)  # an endless loop uses all of it
    monkeypatch.setattr(python_sandbox(), "limits", patience)

    evidence = checked(solution=ATTACKS_ON_PYTHON[name])

    assert evidence.verdict is Verdict.REJECTED
    assert checked().verdict is Verdict.VERIFIED


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_scenario_22_hostile_sql_is_refused_within_the_budget(attack: Any) -> None:
    evidence = check(attack.on(HONEST_QUERY))

    assert evidence.verdict is Verdict.REJECTED
    assert evidence.duration_ms < 8_000
    assert check(HONEST_QUERY).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("text", "verdict", "code"),
    [
        (
            "<p>Write a function <code>double(n)</code> that returns twice the number it is given, "
            "also if the number is negative.</p>",
            Verdict.REJECTED,
            FindingCode.WRONG_LANGUAGE,
        ),
        ("<p>Verdopple <code>n</code>.</p>", Verdict.VERIFIED, FindingCode.LANGUAGE_UNCERTAIN),
    ],
)
def test_scenario_70_a_text_in_another_language_than_the_briefs_is_noticed(
    text: str, verdict: Verdict, code: FindingCode
) -> None:
    evidence = checked(text=text, language="de")

    assert evidence.verdict is verdict
    assert code in {finding.code for finding in (*evidence.reasons, *evidence.doubts)}


@pytest.mark.parametrize("name", ["an honest draft", "weak tests", "an honest query"])
def test_scenario_60_a_step_without_an_answer_never_improves_a_verdict(name: str) -> None:
    trial = fail_each_step(DRAFTS[name])

    assert trial.failures > 0
    assert trial.improved == ()


@pytest.mark.parametrize("name", DRAFTS)
def test_scenario_61_time_limits_do_not_change_a_verdict(name: str) -> None:
    strict, generous = (_checked_within(name, factor) for factor in (0.2, 5.0))

    assert strict == generous


def _checked_within(name: str, factor: float) -> tuple[object, ...]:
    """Return the outcome of a check whose time limits are multiplied by a factor."""
    times = {"seconds": LIMITS.seconds * factor, "check_seconds": LIMITS.check_seconds * factor}
    sandbox = Sandbox(DRAFTS[name].kind, LIMITS.model_copy(update=times))
    try:
        evidence = check_in(sandbox, DRAFTS[name])
    finally:
        sandbox.close()
    return evidence.verdict, evidence.reasons, evidence.doubts
