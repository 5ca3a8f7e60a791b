"""Code runs in isolation or not at all."""

import tempfile
from pathlib import Path

import pytest

from coursewright.domain.errors import SandboxUnavailable
from coursewright.verification import image
from coursewright.verification.sandbox import Sandbox, Status


def test_without_isolation_nothing_is_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SANDBOX_IMAGE", str(tmp_path / "missing.bin"))
    monkeypatch.setattr(image, "build", _cannot_build)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with pytest.raises(SandboxUnavailable):
        Sandbox("python").run("run", {})


def test_a_foreign_image_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = tmp_path / "image.bin"
    foreign.write_bytes(b"not an image")
    monkeypatch.setenv("SANDBOX_IMAGE", str(foreign))
    sandbox = Sandbox("python")

    answer, nonce = sandbox.run("read", {"question": "tests", "source": "", "module": "m"})

    sandbox.close()
    assert answer.status is Status.FINISHED
    assert nonce in answer.raw


def test_a_cache_that_others_can_write_to_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    (shared / "coursewright").mkdir(parents=True)
    (shared / "coursewright").chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(image, "build", lambda out: out.write_bytes(b"built"))

    found = image.cached()

    assert shared not in found.parents
    assert found.read_bytes() == b"built"


def test_the_fingerprint_changes_with_the_guest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = image.fingerprint()
    for file_name in image.GUEST_MODULES.values():
        (tmp_path / file_name).write_text("changed = True\n", "utf-8")
    monkeypatch.setattr(image, "PACKAGE", tmp_path)

    assert image.fingerprint() != before


def test_a_dead_worker_is_replaced() -> None:
    sandbox = Sandbox("sql")
    sandbox.run("probe", {})
    with sandbox._borrowed() as borrowed:
        borrowed.kill()

    answer, _ = sandbox.run("probe", {})

    sandbox.close()
    assert answer.status is Status.FINISHED


def _cannot_build(out: Path) -> None:
    raise OSError("no space left")
