"""An audit passes only if every package is known and none is vulnerable."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from local.audit import main

UNREACHABLE = "requests.exceptions.ConnectionError: Failed to resolve 'api.osv.dev'"
CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
VULNERABLE = {
    "name": "urllib3",
    "version": "1.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]},
        {"id": "PYSEC-2", "fix_versions": []},
    ],
}
SKIPPED = {"name": "odd", "skip_reason": "Dependency not found on PyPI"}


def auditor(folder: Path, *packages: dict[str, Any], code: int = 0) -> str:
    """Return a program that reports like pip-audit, or ends with a stack trace."""
    program = folder / "pip-audit"
    report = json.dumps({"dependencies": packages, "fixes": []})
    action = f"print({report!r})" if packages else f"sys.stderr.write({UNREACHABLE + chr(10)!r})"
    program.write_text(f"#!{sys.executable}\nimport sys\n{action}\nsys.exit({code})\n")
    program.chmod(0o755)
    return str(program)


def test_known_packages_without_vulnerabilities_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([auditor(tmp_path, CLEAN), "one.txt", "two.txt"])

    assert (code, capsys.readouterr().out) == (0, "1 packages audited, 0 vulnerable\n")


def test_a_vulnerability_is_named_with_its_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([auditor(tmp_path, CLEAN, VULNERABLE, code=1), "one.txt"])

    text = capsys.readouterr().out
    assert code == 1
    assert "urllib3 1.0: PYSEC-1 (fixed in: 1.1, 2.0), PYSEC-2 (fixed in: no fixed version)" in text
    assert "2 packages audited, 1 vulnerable" in text


def test_a_package_that_the_source_does_not_know_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([auditor(tmp_path, CLEAN, SKIPPED), "one.txt"])

    assert code == 2
    assert "odd was not audited: Dependency not found on PyPI" in capsys.readouterr().out


def test_a_source_that_cannot_be_reached_is_a_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([auditor(tmp_path, code=1), "one.txt", "two.txt"])

    assert code == 2
    assert capsys.readouterr().out.splitlines() == [
        "Not audited: one.txt, two.txt",
        f"  {UNREACHABLE}",
        "Is https://api.osv.dev reachable? Without it, vulnerabilities remain unknown.",
        "0 packages audited, 0 vulnerable",
    ]
