"""Scores notebooks like nbgrader: a cell that fails or writes to stderr earns no points."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]
KERNEL = """\
import contextlib, io, json, sys, types

cells = json.load(open(sys.argv[1], encoding="utf-8"))
main = types.ModuleType("__main__")
sys.modules["__main__"] = main
points = []
for source, worth in cells:
    complaints = io.StringIO()
    failed = False
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(complaints):
        try:
            exec(compile(source, "cell", "exec"), main.__dict__)
        except BaseException:
            failed = True
    points.append(0 if failed or complaints.getvalue() else worth)
print(sum(points), sum(worth for _, worth in cells))
"""


def released(notebook: Notebook) -> Notebook:
    """Return the learners' version, without the solution and the hidden tests."""
    copy: Notebook = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        cell["source"] = _without(cell["source"], "SOLUTION", "raise NotImplementedError()")
        cell["source"] = _without(cell["source"], "HIDDEN TESTS", "")
    return copy


def handed_in(notebook: Notebook, answer: str) -> Notebook:
    """Return a notebook with a learner's answer and the hidden tests restored."""
    copy: Notebook = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        if cell["metadata"]["nbgrader"]["solution"]:
            cell["source"] = answer
    return copy


def score(notebook: Notebook, folder: Path) -> tuple[int, int]:
    """Return the points scored and the maximum."""
    cells = [
        (cell["source"], cell["metadata"]["nbgrader"].get("points", 0))
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]
    (folder / "cells.json").write_text(json.dumps(cells), "utf-8")
    (folder / "kernel.py").write_text(KERNEL, "utf-8")
    done = subprocess.run(
        [sys.executable, "kernel.py", "cells.json"],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=30,
    )
    points, most = done.stdout.split()
    return int(points), int(most)


def _without(source: str, region: str, stub: str) -> str:
    head, begin, rest = source.partition(f"### BEGIN {region}\n")
    _, end, tail = rest.partition(f"### END {region}")
    return f"{head}{stub}{tail}" if begin and end else source
