"""Builds the layers with their Makefiles as deployed, for each processor, pruned and unpruned."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from coursewright.verification.sandbox import image
from tests.cloudformation import load_template

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "layers"
X86_64, ARM64 = "x86_64-manylinux_2_34", "aarch64-manylinux_2_34"
BINARIES = ROOT / ".venv" / "bin"


@cache
def template() -> dict[str, Any]:
    """Return the deployed template."""
    return load_template(ROOT / "template.yaml")


def functions() -> dict[str, dict[str, Any]]:
    """Return each function's properties by folder name, merged with the globals."""
    shared = template()["Globals"]["Function"]
    resources = template()["Resources"].values()
    found = [
        resource["Properties"]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    return {Path(function["CodeUri"]).name: shared | function for function in found}


def layers_of(function: str) -> tuple[str, ...]:
    """Return the names of a function's required layers: the shared ones, then its own."""
    shared = template()["Globals"]["Function"]["Layers"]
    own = functions()[function]["Layers"]
    listed = shared if own == shared else [*shared, *own]
    return tuple(item["Ref"] for item in listed if "Ref" in item)


def built(layer: str, platform: str = X86_64, *, pruned: bool = True) -> Path:
    """Return a layer's folder, rebuilding it if its sources have changed."""
    place = BUILT / (platform if pruned else f"{platform}-unpruned") / layer
    source = ROOT / template()["Resources"][layer]["Properties"]["ContentUri"]
    stamp = place.with_suffix(".made-of")
    made_of = _fingerprint(source)
    if not place.exists() or not stamp.exists() or stamp.read_text("utf-8") != made_of:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        _make(layer, source, place, platform, pruned=pruned)
        stamp.write_text(made_of, "utf-8")
    return place


def sources_only(place: Path) -> Path:
    """Return a built layer without bytecode, so that every import compiles."""
    sources = BUILT / "sources" / place.relative_to(BUILT)
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(
        place,
        sources,
        ignore=shutil.ignore_patterns("__pycache__"),
        copy_function=os.link,
        symlinks=True,
    )
    return sources


def size(places: Iterable[Path]) -> int:
    """Return the total size of all files in bytes."""
    files = (file for place in places for file in place.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files)


def _make(layer: str, source: Path, place: Path, platform: str, *, pruned: bool) -> None:
    variables = {
        "ARTIFACTS_DIR": place,
        "PLATFORM": platform,
        "UV": BINARIES / "uv",
        "PYTHON": sys.executable,
    }
    changed = [f"{name}={value}" for name, value in variables.items()]
    if not pruned:
        changed += ["prune=true", "prune_core=true", "make_lazy=true", "UNUSED="]
    try:
        subprocess.run(
            ["make", "-s", "-C", source, f"build-{layer}", *changed],
            check=True,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        shutil.rmtree(place)
        raise RuntimeError(f"{layer} for {platform} cannot be built: {error.stderr}") from error


def _fingerprint(source: Path) -> str:
    """Return a checksum of a layer's sources, which for the sandbox include another layer."""
    shared = [ROOT / "layers" / "install.mk"]
    if source.name == "sandbox":
        shared += [Path(image.__file__)]
        shared += [image.guest_file(name) for name in image.GUEST_MODULES]
    return fingerprint([source, *shared])


def fingerprint(places: Iterable[Path]) -> str:
    """Return a checksum of files and folders, ignoring bytecode."""
    found = [
        file for place in places for file in ([place] if place.is_file() else place.rglob("*"))
    ]
    digest = hashlib.sha256()
    for file in sorted(file for file in found if file.is_file() and file.suffix != ".pyc"):
        digest.update(f"{file.relative_to(ROOT)} ".encode() + file.read_bytes())
    return digest.hexdigest()
