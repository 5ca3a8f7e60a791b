"""Runs the given or all parts: `python -m tests.benchmarks [PART …]`; exits 0 if all goals are met.

A part is a module of this folder with a function `run() -> Report`. Several parts run in separate
processes, so that they do not share loaded modules, and are reported in one table.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from rich.console import Console

from tests.benchmarks.report import BUILD, Figure, Report, read, show, show_all, write, write_all

FRAME = {"__init__", "__main__", "report"}
COMPLETED = (0, 1)  # 1: a goal was missed


def parts() -> list[str]:
    """Return the names of the parts: the modules here that define `run`."""
    modules = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in FRAME)
    return [path.stem for path in modules if "\ndef run() -> Report" in path.read_text("utf-8")]


def main(names: list[str]) -> int:
    """Run parts by name; return 0 if all their goals are met."""
    known = parts()
    console = Console(width=None if sys.stdout.isatty() else 140)
    if unknown := [name for name in names if name not in known]:
        console.print(f"Unknown part {', '.join(unknown)}; known parts: {', '.join(known)}")
        return 2
    if len(names) == 1:
        report = run_here(names[0])
        show(report, console)
        console.print(f"Written to {write(report)}")
        return 0 if report.holds else 1
    reports = [run_apart(name) for name in names or known]
    show_all(reports, console)
    console.print(f"Written to {write_all(reports)}")
    return 0 if all(report.holds for report in reports) else 1


def run_here(name: str) -> Report:
    """Run a part in this process; log output goes to a file next to the report."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with _printing_into(BUILD / f"{name}.log"):
        report: Report = import_module(f"tests.benchmarks.{name}").run()
    return report


def run_apart(name: str) -> Report:
    """Run a part in a separate process; a crash counts as a missed goal."""
    sys.stderr.write(f"{name} …\n")
    command = [sys.executable, "-m", "tests.benchmarks", name]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode in COMPLETED and "Traceback" not in done.stderr:
        return read(name)
    last = done.stderr.strip().rpartition("\n")[2]
    broken = Figure(name="the part completes", value=last, must_be="yes", holds=False)
    return Report(part=name, figures=[broken])


@contextmanager
def _printing_into(log: Path) -> Iterator[None]:
    """Redirect standard output, where functions' metrics would mix with the table."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
