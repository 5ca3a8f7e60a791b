"""Patches fail if the installed emulator lacks the attributes they replace."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from local import emulator
from local.emulator.patch_point import PatchPointMoved, patch_point


def moved(*_: Any) -> NoReturn:
    raise PatchPointMoved("ministack patch point moved: anything")


def test_a_moved_patch_point_is_a_clear_error() -> None:
    emulator = SimpleNamespace(__name__="emulator")

    with pytest.raises(PatchPointMoved, match=r"patch point moved: emulator\.gone .*1\.5\.33"):
        patch_point(emulator, "gone")


@pytest.mark.parametrize("name", emulator.PATCHES)
def test_every_patch_asserts_its_patch_points_first(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = import_module(f"local.emulator.{name}")
    for guard in ("patch_point", "patch_points", "resource_handler"):
        monkeypatch.setattr(patch, guard, moved, raising=False)

    with pytest.raises(PatchPointMoved):
        patch.apply.__wrapped__()


@pytest.mark.parametrize("name", emulator.PATCHES)
def test_every_patch_documents_its_defect(name: str) -> None:
    patch = import_module(f"local.emulator.{name}")

    first_line = (patch.__doc__ or "").splitlines()[0]

    assert first_line.startswith(("Defect in ministack 1.5.33", "Defects in ministack 1.5.33"))


def test_patches_are_applied_once() -> None:
    emulator.apply_all()
    stepfunctions = import_module("ministack.services.stepfunctions")
    applied = stepfunctions._start_execution

    emulator.apply_all()

    assert stepfunctions._start_execution is applied
