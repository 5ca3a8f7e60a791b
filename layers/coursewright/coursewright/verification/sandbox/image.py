"""Prepares the interpreter image that every check starts from, and knows where it lies."""

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

GUEST_FOLDER = Path(__file__).parents[1] / "python"
GUEST_MODULES = (
    "guest_test_runner",
    "source_reader",
    "assertions",
    "assertion_negation",
    "expected_value_mutation",
    "mutants",
    "differential_fuzzing",
    "differential_guest",
    "hash_order",
)
PACKAGES = ("coursewright", "coursewright.verification", "coursewright.verification.python")
KEPT_SECONDS = 24 * 3600
LAYER_IMAGE = Path("/opt/sandbox/image.bin")

# What lessons import most: loading it once into the image keeps a check at a few milliseconds.
PRELOADED = (  # noqa: SIM905  a list of words reads better as words
    "abc bisect builtins collections contextlib copy dataclasses datetime decimal enum fractions "
    "functools hashlib heapq importlib.abc importlib.util io itertools json linecache math "
    "operator os pathlib random re statistics string tempfile textwrap time traceback types typing "
    "unittest unittest.mock warnings ast"
).split()


def fingerprint() -> str:
    """Return a hash of the guest modules and the interpreter version."""
    digest = sha256(version("pyeryx").encode())
    digest.update(" ".join(PRELOADED).encode())
    for name in GUEST_MODULES:
        digest.update((GUEST_FOLDER / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def setup_code() -> str:
    """Write the program that puts the guest into an interpreter.

    The guest's modules import each other by their full names while they are put in; afterwards
    those names are gone, so that a lesson's code finds nothing of ours to import.
    """
    lines = ["import sys, types"]
    lines += [f"sys.modules[{name!r}] = types.ModuleType({name!r})" for name in PACKAGES]
    for name in GUEST_MODULES:
        source, full_name = (
            (GUEST_FOLDER / f"{name}.py").read_text("utf-8"),
            f"{PACKAGES[-1]}.{name}",
        )
        lines += [
            f"_{name} = sys.modules[{full_name!r}] = types.ModuleType({full_name!r})",
            f"exec(compile({source!r}, '<coursewright {name}>', 'exec'), _{name}.__dict__)",
        ]
    lines += ["for _name in [n for n in sys.modules if n.partition('.')[0] == 'coursewright']:"]
    lines += ["    del sys.modules[_name]"]
    return "\n".join([*lines, f"_fingerprint = {fingerprint()!r}", "del types, sys, _name"])


def build(out: Path) -> None:
    """Build the image beside its place, then put it there in one step."""
    import eryx

    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        factory = eryx.SandboxFactory(imports=PRELOADED, setup_code=setup_code())
    except eryx.EryxError as error:
        # Its message quotes the whole set-up; the last line of the traceback says what is wrong.
        told = str(error).partition("Code:")[0].strip().rpartition("\n")[2]
        raise OSError(f"the interpreter refuses its set-up: {told[-300:]}") from error
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".building-") as folder:
        unfinished = Path(folder) / out.name
        factory.save(unfinished)
        unfinished.replace(out)


def prepared() -> Path | None:
    """Find the image that a deployment brought along."""
    if named := os.environ.get("SANDBOX_IMAGE"):
        return Path(named)
    return LAYER_IMAGE if LAYER_IMAGE.exists() else None


def cached() -> Path:
    """Find the image in this user's cache, building it the first time."""
    out = _cache_folder() / f"{fingerprint()}.bin"
    with _only_one(out.with_suffix(".lock")):
        if not out.exists():
            build(out)
            _throw_away_older(out)
    return out


def _throw_away_older(kept: Path) -> None:
    """Remove images that no recent version of the guest needs: each has fifty megabytes."""
    for file in kept.parent.glob(f"{'[0-9a-f]' * 16}.bin"):
        is_old = file.stat().st_mtime < time.time() - KEPT_SECONDS
        if file != kept and is_old:
            file.unlink(missing_ok=True)
            file.with_suffix(".lock").unlink(missing_ok=True)


def _cache_folder() -> Path:
    """Choose a folder that nobody else can write to: an image is code that will be run."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for folder in (home / "coursewright", Path(tempfile.gettempdir()) / f"cw-{os.getuid()}"):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        facts = folder.stat(follow_symlinks=False)
        is_mine = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()
        if is_mine and not facts.st_mode & 0o022 and os.access(folder, os.W_OK):
            return folder
    raise OSError("no private folder for the sandbox image")


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
