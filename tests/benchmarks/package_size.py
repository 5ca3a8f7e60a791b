"""Adds up what goes to AWS with check_code: its code and its layers, unzipped."""

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from coursewright.verification import image

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam" / "build"
PARTS = ("CheckCodeFunction", "CoursewrightLayer", "CoreLayer", "SandboxLayer")
LOCKED = (
    ROOT / "layers" / "core" / "requirements.txt",
    ROOT / "layers" / "sandbox" / "requirements.txt",
)


def measured() -> tuple[float, str]:
    """Give the size in megabytes and how it was found: from a build, or from what a build takes."""
    if all((BUILT / part).exists() for part in PARTS):
        return sum(_size([BUILT / part]) for part in PARTS) / 1e6, "as built"
    packages = sum(_size(_files(name)) for lock in LOCKED for name in _names(lock))
    own = _size([ROOT / "layers" / "coursewright", ROOT / "functions" / "check_code"])
    return (packages + own + image.cached().stat().st_size) / 1e6, "from what a build takes"


def _size(places: Iterable[Path]) -> int:
    files = (file for place in places for file in ([place] if place.is_file() else _below(place)))
    return sum(file.stat().st_size for file in files)


def _below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _names(lock: Path) -> list[str]:
    lines = lock.read_text("utf-8").splitlines()
    return [line.partition("==")[0] for line in lines if "==" in line and line[0].isalnum()]


def _files(name: str) -> list[Path]:
    try:
        found: Distribution = distribution(name)
    except PackageNotFoundError:
        return []
    files = (Path(str(found.locate_file(file))) for file in found.files or [])
    return [file for file in files if file.is_file()]
