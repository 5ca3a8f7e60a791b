"""Tests the commands `python -m local export` and `import` and their output."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coursewright.domain.export import Format
from local import cli, endpoint_file, import_export
from tests.exports.samples import SPECIAL_CHARACTERS, SUM_EVEN, assignment

runner = CliRunner()


@pytest.fixture
def approved(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {
        "00000000000000aa": assignment(SUM_EVEN),
        "00000000000000bb": assignment(SPECIAL_CHARACTERS),
    }
    monkeypatch.setattr(endpoint_file, "read_stack", lambda: None)
    monkeypatch.setattr(
        import_export, "find_approved", lambda stack, names: tuple(stored[name] for name in names)
    )


@pytest.mark.usefixtures("approved")
def test_an_export_ends_with_one_report(tmp_path: Path) -> None:
    names = ["00000000000000aa", "00000000000000bb"]

    done = runner.invoke(
        cli.app, ["export", *names, "--format", "exercism", "--out", str(tmp_path / "out")]
    )

    assert done.exit_code == 0
    assert f"2 assignments written to {tmp_path / 'out'}: quotes-braces-tags, sum" in done.stdout


@pytest.mark.usefixtures("approved")
def test_a_failed_export_gives_its_reason_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unapproved = assignment(SUM_EVEN, approved_at="")
    monkeypatch.setattr(import_export, "find_approved", lambda stack, names: (unapproved,))

    done = runner.invoke(
        cli.app, ["export", "x", "--format", "moodle", "--out", str(tmp_path / "o")]
    )

    assert done.exit_code == 1
    assert (
        "“Sum of even numbers” cannot be exported as moodle: it has not been approved"
        in done.stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_a_shared_title_is_reported() -> None:
    same_title = [assignment(SUM_EVEN), assignment(SUM_EVEN, assignment="00000000000000ab")]

    summary = import_export.export_summary(same_title, ["moodle.xml"], Path("out"))

    assert summary.splitlines() == [
        "2 assignments written to out: moodle.xml",
        "Several assignments are called “Sum of even numbers”; use their IDs to tell them apart.",
    ]


def test_a_malformed_import_ends_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("{}")

    done = runner.invoke(cli.app, ["import", str(path)])

    assert done.exit_code == 1
    assert f"{path}: line 1 is not an exported assignment." in done.stderr


@pytest.mark.usefixtures("approved")
def test_a_good_import_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_export.write_export([assignment(SUM_EVEN)], Format.JSONL, tmp_path)
    monkeypatch.setattr(
        import_export, "import_assignments", lambda stack, found: f"{len(found)} imported"
    )

    done = runner.invoke(cli.app, ["import", str(tmp_path / "assignments.jsonl")])

    assert done.exit_code == 0
    assert "1 imported" in done.stdout
