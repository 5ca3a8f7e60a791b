"""Builds and locates the interpreter image from which every Python check starts.

The guest is the code inside the image: our own modules, loaded as text, and the draft under test.
"""

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

PACKAGE_FOLDER = Path(__file__).parents[2]
GUEST_MODULES = (
    "verification.python.builtin_function",
    "verification.python.simulated_clock",
    "verification.python.simulated_identity",
    "verification.python.set_order",
    "domain.unittest_discovery",
    "verification.python.error_description",
    "verification.python.framework_snapshot",
    "verification.python.source_importer",
    "verification.python.outcome_recorder",
    "verification.python.guest_test_runner",
    "verification.python.assertions",
    "verification.python.assertion_count",
    "verification.python.source_reader",
    "verification.python.assertion_negation",
    "verification.python.expected_value_mutation",
    "verification.python.mutants",
    "verification.python.call_observation",
    "verification.python.call_recorder",
    "verification.python.differential_fuzzing",
    "verification.python.differential_guest",
    "verification.python.example_phrases",
    "verification.python.example_reader",
    "verification.python.example_values",
    "verification.python.example_runner",
    "verification.python.static_checks",
    "verification.python.float_equality",
    "verification.python.hard_coding",
    "verification.python.draft_review",
    "verification.python.argument_changes",
)
GUEST_PACKAGES = (
    "coursewright",
    "coursewright.domain",
    "coursewright.verification",
    "coursewright.verification.python",
)
MAX_IMAGE_AGE_SECONDS = 24 * 3600
LAYER_IMAGE = Path("/opt/sandbox/image.bin")

# The modules that lessons import most; with them preloaded, a check takes a few milliseconds.
PRELOADED = (  # noqa: SIM905  a list of names is easier to read as text
    "abc bisect builtins collections contextlib copy dataclasses datetime decimal enum fractions "
    "functools hashlib heapq importlib.abc importlib.util io itertools json linecache math "
    "operator os pathlib random re statistics string tempfile textwrap time traceback types typing "
    "unittest unittest.mock warnings ast"
).split()


def guest_file(name: str) -> Path:
    """Return the source file of a guest module."""
    return PACKAGE_FOLDER.joinpath(*name.split(".")).with_suffix(".py")


def fingerprint() -> str:
    """Return a hash of the guest modules and the interpreter version."""
    digest = sha256(version("pyeryx").encode())
    digest.update(" ".join(PRELOADED).encode())
    for name in GUEST_MODULES:
        digest.update(guest_file(name).read_bytes())
    return digest.hexdigest()[:16]


def setup_code() -> str:
    """Return the program that loads the guest modules into an interpreter.

    The guest modules import each other by their full names while loading. Those names are removed
    afterwards, so that a draft's code cannot import our modules.
    """
    lines = ["import sys, types"]
    lines += [f"sys.modules[{name!r}] = types.ModuleType({name!r})" for name in GUEST_PACKAGES]
    for name in GUEST_MODULES:
        source, full_name = guest_file(name).read_text("utf-8"), f"coursewright.{name}"
        variable = f"_{name.rpartition('.')[2]}"
        lines += [
            f"{variable} = sys.modules[{full_name!r}] = types.ModuleType({full_name!r})",
            f"exec(compile({source!r}, '<coursewright {name}>', 'exec'), {variable}.__dict__)",
        ]
    lines += ["for _name in [n for n in sys.modules if n.partition('.')[0] == 'coursewright']:"]
    lines += ["    del sys.modules[_name]"]
    lines += ["def _handshake(job):"]
    lines += [f"    return json.dumps({{'nonce': job['nonce'], 'guest': {fingerprint()!r}}})"]
    return "\n".join([*lines, "del types, sys, _name"])


def build(out: Path) -> None:
    """Build the image in a temporary folder, then move it into place atomically."""
    import eryx

    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        factory = eryx.SandboxFactory(imports=PRELOADED, setup_code=setup_code())
    except eryx.EryxError as error:
        # The message quotes the whole setup code, but the traceback's last line names the cause.
        cause = str(error).partition("Code:")[0].strip().rpartition("\n")[2]
        raise OSError(f"the interpreter rejected the setup code: {cause[-300:]}") from error
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".building-") as folder:
        unfinished = Path(folder) / out.name
        factory.save(unfinished)
        unfinished.replace(out)


def prebuilt_image() -> Path | None:
    """Return the image deployed with the function, if there is one."""
    if configured := os.environ.get("SANDBOX_IMAGE"):
        return Path(configured)
    return LAYER_IMAGE if LAYER_IMAGE.exists() else None


def cached_image() -> Path:
    """Return the image in this user's cache, building it on first use."""
    out = _cache_folder() / f"{fingerprint()}.bin"
    with _exclusive_lock(out.with_suffix(".lock")):
        if not out.exists():
            build(out)
            _delete_old_images(current=out)
    return out


def _delete_old_images(*, current: Path) -> None:
    """Delete images that were not built recently, since each takes up 50 MB."""
    for file in current.parent.glob(f"{'[0-9a-f]' * 16}.bin"):
        is_old = file.stat().st_mtime < time.time() - MAX_IMAGE_AGE_SECONDS
        if file != current and is_old:
            file.unlink(missing_ok=True)
            file.with_suffix(".lock").unlink(missing_ok=True)


def _cache_folder() -> Path:
    """Return a folder that only this user can write to, because the image is code that will run."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for folder in (home / "coursewright", Path(tempfile.gettempdir()) / f"cw-{os.getuid()}"):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        status = folder.stat(follow_symlinks=False)
        is_mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
        if is_mine and not status.st_mode & 0o022 and os.access(folder, os.W_OK):
            return folder
    raise OSError("no private folder for the sandbox image")


@contextmanager
def _exclusive_lock(lock: Path) -> Iterator[None]:
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
