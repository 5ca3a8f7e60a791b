"""Frequently used commands start quickly, because they import little."""

import subprocess
import sys
from typing import get_args

import pytest

from coursewright.domain.export import Format
from local.cli import ExportFormat

SLOW_TO_IMPORT = ("langchain", "langchain_core", "ministack", "moto", "boto3", "botocore")
PROBE = """
import sys
from typer.testing import CliRunner
from local.cli import app
result = CliRunner().invoke(app, sys.argv[1:])
assert result.exit_code == 0, result.output
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def imported_by(*arguments: str) -> set[str]:
    """Return the top-level modules that a command imports in a new process."""
    command = [sys.executable, "-c", PROBE, *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return set(output.split())


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--help"], ["mail", "--help"]])
def test_help_imports_nothing_slow(arguments: list[str]) -> None:
    assert not imported_by(*arguments) & set(SLOW_TO_IMPORT)


def test_every_export_format_can_be_chosen() -> None:
    assert set(get_args(ExportFormat)) == set(Format)
