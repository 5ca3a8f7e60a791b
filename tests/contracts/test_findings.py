"""Every finding that a check can report is a complete sentence in every language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import coursewright
from coursewright.domain.evidence import Cause, Finding, FindingCode, Param
from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.markup.evidence_text import finding_text
from coursewright.markup.export_text import SENTENCES as EXPORT_SENTENCES
from coursewright.markup.export_text import export_problem_text
from coursewright.markup.finding_sentences import CAUSES, SENTENCES
from coursewright.markup.i18n import SUPPORTED_LANGUAGES, plain_gettext, use_language

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def placeholders(code: FindingCode) -> set[str]:
    return set(PLACEHOLDER.findall(SENTENCES[code]))


def complete(code: FindingCode, cause: Cause) -> Finding:
    params: dict[str, Param] = {name: f"‹{name}›" for name in placeholders(code)}
    return Finding(code=code, params=params | {"cause": cause}, where=("test_first", "test_last"))


def reported() -> Iterator[tuple[FindingCode, set[str]]]:
    """Yield each call that reports a finding by its code, with the names of its parameters."""
    for path in Path(coursewright.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("reason", "doubt"):
                code = ast.unparse(node.args[0])
                names = {keyword.arg for keyword in node.keywords}
                if code.startswith("FindingCode.") and None not in names:
                    yield FindingCode[code.partition(".")[2]], {str(name) for name in names}


def test_every_code_and_cause_has_a_sentence() -> None:
    assert SENTENCES.keys() == set(FindingCode)
    assert CAUSES.keys() == set(Cause)


@pytest.mark.parametrize("language", SUPPORTED_LANGUAGES)
@pytest.mark.parametrize("code", FindingCode)
def test_a_finding_names_its_parameters_its_places_and_each_cause(
    code: FindingCode, language: str
) -> None:
    with use_language(language):
        for cause in Cause:
            text = finding_text(complete(code, cause))

            assert "…" not in text
            assert "%" not in text.replace("%", "", SENTENCES[code].count("%%"))
            assert not re.search(r"\.[:.]|:\s*:|\s{2}|\s[.,:]", text)
            assert all(f"‹{name}›" in text for name in placeholders(code))
            assert "test_first" in text
            assert "test_last" in text
            assert plain_gettext(CAUSES[cause]) in text


@pytest.mark.parametrize("language", [each for each in SUPPORTED_LANGUAGES if each != "en"])
@pytest.mark.parametrize("sentence", [*filter(None, SENTENCES.values()), *CAUSES.values()])
def test_a_sentence_is_translated(sentence: str, language: str) -> None:
    with use_language(language):
        assert plain_gettext(sentence) != sentence


def test_a_check_reports_all_parameters_that_its_sentence_names() -> None:
    calls = list(reported())

    missing = {code: placeholders(code) - names for code, names in calls}
    assert len(calls) > 40
    assert {code: names for code, names in missing.items() if names} == {}


@pytest.mark.parametrize("language", SUPPORTED_LANGUAGES)
@pytest.mark.parametrize("code", ExportProblemCode)
def test_every_problem_of_an_export_is_phrased_in_every_language(
    code: ExportProblemCode, language: str
) -> None:
    names = PLACEHOLDER.findall(EXPORT_SENTENCES[code])
    params = {name: f"‹{name}›" for name in names}
    problem = ExportProblem(code=code, params=params, title="Leap years", format="moodle")
    english = export_problem_text(problem)

    with use_language(language):
        text = export_problem_text(problem)

    assert all(f"‹{name}›" in text for name in names)
    assert "Leap years" in text
    assert (text == english) == (language == "en")
