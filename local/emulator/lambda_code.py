"""Unpacks the code that workers run, once for all workers.

On AWS `/var/task` and `/opt` contain a function's code and layers with their bytecode. Here, each
archive has one folder for all workers, so that only the first one compiles the code.
"""

import hashlib
import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

FOLDERS = "coursewright-cloud-"


def remove_leftovers() -> None:
    """Remove the folders of clouds that were killed before they could clean up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*-*"):
        owner = folder.name.removeprefix(FOLDERS).partition("-")[0]
        if owner.isdecimal() and not is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def is_running(pid: int) -> bool:
    """Return whether a process exists, regardless of its owner."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class UnpackedCode:
    """The unpacked archives, with one folder for each distinct content."""

    def __init__(self) -> None:
        """Create no folder yet, because most processes that import this start no workers."""
        self._lock = threading.Lock()
        self._root: Path | None = None

    @property
    def root(self) -> Path:
        """The folder that contains all others; created on first access."""
        if self._root is None:
            remove_leftovers()
            self._root = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-"))
            (self._root / "home").mkdir()
        return self._root

    def folder(self, archive: bytes) -> Path:
        """Return the folder that contains the unpacked archive."""
        with self._lock:
            folder = self.root / hashlib.sha256(archive).hexdigest()[:16]
            if not folder.exists():
                zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
            return folder

    def clear(self) -> None:
        """Remove all folders."""
        with self._lock:
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
            self._root = None


unpacked = UnpackedCode()
