"""A requirement counts only if its quote occurs in the text and its test exists."""

from typing import Any

import pytest

from coursewright.domain.assignment import Authorship, Dataset, Draft, DraftTests
from coursewright.domain.brief import Kind
from coursewright.domain.evidence import Evidence, Finding, FindingCode, RepairTarget, Verdict
from coursewright.domain.requirement import Requirement, RequirementCoverage
from coursewright.verification.requirements.requirement_coverage import (
    check_requirements,
    with_requirements,
)

AUTHORSHIP = Authorship(prompt_set="1", prompt_sha256="2")
TEXT = """
<p>Write <code>total(prices)</code>. It returns the <strong>sum</strong>   of
all prices.</p>
<ul><li>An empty list gives&nbsp;0.</li><li>Prices &lt; 0 are ignored.</li></ul>
<p>A shop has many customers on Mondays.</p>
<pre>total([1, 2]) must be 3</pre>
"""
TESTS = """
class TotalTest(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(total([1, 2]), 3)

    async def test_empty(self):
        pass

    def helper(self):
        pass
"""
GOOD = Evidence(verdict=Verdict.VERIFIED)


def checked(
    *requirements: tuple[str, str], text: str = TEXT, tests: str = TESTS
) -> RequirementCoverage:
    draft = Draft(
        draft="m/r1/d1",
        generation="g",
        round=1,
        model="m",
        number=1,
        kind=Kind.PYTHON,
        name="Total",
        text=text,
        code="",
        file_name="solution.py",
        difficulty=1,
        concepts=(),
        schema_sql="",
        authorship=AUTHORSHIP,
    )
    return check_requirements(draft, draft_tests(tests, *requirements))


def draft_tests(tests: str, *requirements: tuple[str, str], **parts: Any) -> DraftTests:
    return DraftTests(
        draft="m/r1/d1",
        attempt=0,
        tests=tests,
        datasets=parts.get("datasets", ()),
        ordered=False,
        requirements=tuple(Requirement(test=test, quote=quote) for test, quote in requirements),
        authorship=AUTHORSHIP,
    )


SUM = ("test_sum", "returns the sum of all prices")
EMPTY = ("test_empty", "An empty list gives 0.")


@pytest.mark.parametrize(
    "quote",
    [
        "returns the sum of all prices",
        "returns\n  the sum of\tall prices.",
        "It returns the <strong>sum</strong> of all prices",
        "“It returns the sum”",
        "It returns … all prices",
        "Write total(prices)",
        "Prices < 0 are ignored",
        "Prices &lt; 0 are ignored",
        "An empty list gives\u00a00",
    ],
)
def test_a_quote_is_found_despite_white_space_and_tags(quote: str) -> None:
    found = checked(("test_sum", quote), EMPTY)

    assert found.not_found == ()


@pytest.mark.parametrize("quote", ["returns the total of all prices", " ", "<p></p>", "…"])
def test_quotes_missing_from_the_text_are_reported(quote: str) -> None:
    found = checked(("test_sum", quote), EMPTY)

    assert [requirement.quote for requirement in found.not_found] == [quote]
    assert found.tests_without == ("test_sum",)


@pytest.mark.parametrize(
    "name", ["test_sum", "TotalTest.test_sum", "test_total.TotalTest.test_sum"]
)
def test_a_test_may_be_qualified_by_its_class(name: str) -> None:
    found = checked((name, SUM[1]), EMPTY)

    assert found.tests_without == ()
    assert found.unknown_tests == ()


def test_a_requirement_naming_an_unknown_test_is_reported() -> None:
    found = checked(SUM, EMPTY, ("test_nothing", SUM[1]))

    assert found.unknown_tests == ("test_nothing",)
    assert found.met == 2
    assert with_requirements(GOOD, found).verdict is Verdict.VERIFIED


def test_untested_requirement_sentences_are_listed() -> None:
    found = checked(SUM, EMPTY)

    assert "Prices < 0 are ignored." in found.sentences_without
    assert "A shop has many customers on Mondays." not in found.sentences_without
    assert not any("must be 3" in sentence for sentence in found.sentences_without)


def test_untested_requirement_sentences_are_a_doubt() -> None:
    weighed = with_requirements(GOOD, checked(SUM, EMPTY))

    (doubt,) = weighed.doubts
    assert doubt.code is FindingCode.SENTENCES_UNTESTED
    assert doubt.where == ("“Prices < 0 are ignored.”",)
    assert weighed.verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    "sentence",
    [
        "Write a function that returns nothing but the sum.",
        "Schreibe eine Funktion, die genau eine Zahl liefert.",
        "Напишите функцию, которая возвращает сумму.",
        "A newspaper counts the vowels of its headlines.",
        "A rain barrel is empty.",
        "Both are whole numbers, and limit is at least 1.",
    ],
)
def test_the_task_and_its_story_are_not_untested_requirements(sentence: str) -> None:
    found = checked(SUM, EMPTY, text=f"<p>{sentence}</p>")

    assert found.sentences_without == ()


def test_more_than_a_third_untested_is_repaired_in_the_tests() -> None:
    found = checked(SUM, ("test_empty", "nothing of the kind"))

    weighed = with_requirements(GOOD, found)

    (reason,) = weighed.reasons
    assert reason.code is FindingCode.REQUIREMENTS_UNCHECKED
    assert (weighed.verdict, weighed.fault) == (Verdict.REJECTED, RepairTarget.TESTS)
    assert reason.params["quotes"] == ("“nothing of the kind” (test_empty)",)


def test_a_fault_found_by_the_sandbox_takes_precedence() -> None:
    fails = Finding(code=FindingCode.SOLUTION_FAILS)
    rejected = Evidence(verdict=Verdict.REJECTED, reasons=(fails,), fault=RepairTarget.SOLUTION)

    weighed = with_requirements(rejected, checked(("test_sum", "nothing of the kind")))

    assert weighed.fault is RepairTarget.SOLUTION
    assert len(weighed.reasons) == 2


def test_missing_requirements_are_shown_but_do_not_reject() -> None:
    weighed = with_requirements(GOOD, checked())

    assert weighed.verdict is Verdict.VERIFIED
    assert [doubt.code for doubt in weighed.doubts] == [FindingCode.NO_REQUIREMENTS]


def test_a_querys_requirements_name_its_datasets() -> None:
    draft = Draft.model_validate(
        {
            "draft": "m/r1/d1",
            "generation": "g",
            "round": 1,
            "model": "m",
            "number": 1,
            "kind": "sql",
            "name": "Books",
            "text": "<p>Sort by title.</p>",
            "code": "",
            "file_name": "solution.sql",
            "difficulty": 1,
            "concepts": [],
            "schema_sql": "",
            "authorship": AUTHORSHIP,
        }
    )
    rows = Dataset(name="No  books", seed_sql="", expected_columns=(), expected_rows=())
    other = rows.model_copy(update={"name": "two books"})
    tests = draft_tests("", ("no books", "Sort by title"), datasets=(rows, other))

    found = check_requirements(draft, tests)

    assert found.not_found == ()
    assert found.tests_without == ("two books",)
    assert found.sentences_without == ()
