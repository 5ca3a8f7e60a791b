"""Runs a program like HumanEval: with an empty namespace, in a separate process."""

import subprocess
import sys
from pathlib import Path

RUN = "import sys; exec(open(sys.argv[1], encoding='utf-8').read(), {})"


def succeeds(program: str, folder: Path) -> bool:
    """Return whether a program exits without an error."""
    path = folder / "program.py"
    path.write_bytes(program.encode())
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path)],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.returncode == 0
