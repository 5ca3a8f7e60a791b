"""Runs a program in a process of its own."""

import subprocess
import sys
from pathlib import Path


def succeeds(program: str, folder: Path) -> bool:
    """Say whether a program ends without an error."""
    path = folder / "program.py"
    path.write_bytes(program.encode())
    done = subprocess.run(
        [sys.executable, str(path)], cwd=folder, capture_output=True, check=False, timeout=30
    )
    return done.returncode == 0
