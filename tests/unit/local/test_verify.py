"""`verify` prints a draft's evidence and reports the verdict in its exit code."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from coursewright.domain.brief import Kind
from coursewright.domain.certificate import build_certificate
from coursewright.domain.evidence import Evidence, FindingCode, Mutants, RepairTarget, Verdict
from coursewright.domain.verification import Verification
from coursewright.verification.rejections import doubt
from local.cli import app
from local.stack import ROOT
from local.verify import Verified, print_evidence

LEAP = ROOT / "events" / "check_code" / "python_leap.json"
BOOKS = ROOT / "events" / "check_code" / "sql_books.json"


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["verify", str(path), *options])


def changed(tmp_path: Path, **parts: Any) -> Path:
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(json.loads(LEAP.read_text()) | parts))
    return path


@pytest.mark.parametrize("path", [LEAP, BOOKS])
def test_a_verified_draft_exits_with_0(path: Path) -> None:
    result = run(path)

    assert result.exit_code == 0
    assert result.output.startswith("VERIFIED")
    assert "the starter code fails the tests" in result.output


def test_a_rejected_draft_exits_with_1_and_the_reasons(tmp_path: Path) -> None:
    result = run(changed(tmp_path, solution="def is_leap(year):\n    return True\n"))

    assert result.exit_code == 1
    assert result.output.startswith("NOT VERIFIED")
    assert "The solution does not pass its own tests:" in result.output


def test_doubts_come_before_reasons(tmp_path: Path) -> None:
    path = changed(tmp_path, solution="def is_leap(year):\n    return True\n", text="<p>Leap.</p>")

    output = run(path).output

    assert "The draft does not list the requirements that its tests check." in output
    assert output.index("Doubts") < output.index("Reasons")


def test_a_report_fits_80_columns_and_separates_doubts_that_must_be_confirmed() -> None:
    long = "test_" + "long_name_" * 12
    evidence = Evidence(
        verdict=Verdict.VERIFIED,
        tests_run=1,
        doubts=(
            doubt(FindingCode.NO_REQUIREMENTS),
            doubt(FindingCode.AMBIGUOUS, [long], blocking=True, models=("openai:m",)),
        ),
        mutants=Mutants(total=2, killed=1, survivors=("line 2:\n-    return 1" + "0" * 90,)),
        verifier_version=7,
    )
    verification = Verification(
        draft="file",
        attempt=0,
        verdict=evidence.verdict,
        repair=RepairTarget.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence=evidence,
    )
    certificate = build_certificate("file", verification)
    console = Console(file=StringIO(), width=80)

    print_evidence(Verified(evidence=evidence, certificate=certificate, kind=Kind.PYTHON), console)

    report = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert report.startswith("VERIFIED, 2 DOUBTS\n")
    assert max(map(len, report.splitlines())) <= 80
    assert report.index("Doubts to confirm before publication\n- The text may be ambiguous") < (
        report.index("Other doubts\n- The draft does not list")
    )
    assert "\nChecked by version 7 of the verifier" in report


def test_requirements_may_be_called_promises(tmp_path: Path) -> None:
    promises = [{"test": "test_nothing", "quote": "words that are not there"}]

    result = run(changed(tmp_path, text="<p>Write leap(year).</p>", promises=promises))

    assert "words that are not there" in result.output


def test_json_is_the_complete_evidence(tmp_path: Path) -> None:
    result = run(changed(tmp_path, text="<p>Write leap(year).</p>"), "--json")

    evidence = Evidence.model_validate_json(result.output)
    assert result.exit_code == 0
    assert evidence.verdict is Verdict.VERIFIED
    assert FindingCode.NO_REQUIREMENTS in [doubt.code for doubt in evidence.doubts]
    assert evidence.mutants.total > 0


def test_requirements_in_the_file_are_held_against_its_text(tmp_path: Path) -> None:
    requirements = [{"test": "test_nothing", "quote": "words that are not there"}]

    result = run(changed(tmp_path, text="<p>Write leap(year).</p>", requirements=requirements))

    assert result.exit_code == 1
    assert "words that are not there" in result.output


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "is not a JSON object"),
        ('{"kind": "cobol"}', "EventInvalid"),
        ("{}", "EventInvalid"),
    ],
)
def test_a_file_that_is_no_draft_exits_with_1(tmp_path: Path, content: str, text: str) -> None:
    path = tmp_path / "draft.json"
    path.write_text(content)

    result = run(path)

    assert result.exit_code == 1
    assert text in result.output


def test_a_missing_file_exits_with_1(tmp_path: Path) -> None:
    assert run(tmp_path / "nothing.json").exit_code == 1
