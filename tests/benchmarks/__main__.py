"""Runs one part or all: `python -m tests.benchmarks [PART …]`; exit 0 if every figure holds.

A part is a module of this folder with a function `run() -> Report`.
"""

import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console

from tests.benchmarks.report import Report, show, write

FRAME = {"__init__", "__main__", "report"}


def parts() -> list[str]:
    """Name the parts: the modules here that define `run`."""
    modules = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in FRAME)
    return [path.stem for path in modules if "\ndef run() -> Report" in path.read_text("utf-8")]


def main(names: list[str]) -> int:
    """Run parts by name and say whether all of their figures hold."""
    known = parts()
    console = Console(width=None if sys.stdout.isatty() else 140)
    if unknown := [name for name in names if name not in known]:
        console.print(f"No part {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    holds = True
    for name in names or known:
        report: Report = import_module(f"tests.benchmarks.{name}").run()
        show(report, console)
        console.print(f"Written to {write(report)}")
        holds = holds and report.holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
