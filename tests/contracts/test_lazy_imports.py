"""The LLM layer's packages load their modules on first use."""

import importlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "llm"
LAZY = runpy.run_path(str(LAYER / "lazy_imports.py"))
(NAMED,) = re.findall(
    r"^LAZY = (.*?[^\\])$", (LAYER / "Makefile").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
PACKAGES = NAMED.replace("\\", " ").split()
ROOTS = sorted({path.partition("/")[0] for path in PACKAGES})
LOOK = """
import importlib, json, sys
root = importlib.import_module(sys.argv[1])
loaded = sum(name.startswith(root.__name__ + ".") for name in sys.modules)
packages = {name: importlib.import_module(name) for name in sys.argv[2:]}
offered = {
    f"{name}.{one}": repr(getattr(package, one))
    for name, package in packages.items()
    for one in dir(package) if one[0] != "_"
}
print(json.dumps({"loaded": loaded, "offered": offered}))
"""


@pytest.fixture(scope="module")
def lazy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lazy")
    for root in ROOTS:
        shutil.copytree(Path(str(importlib.import_module(root).__file__)).parent, folder / root)
    for path in PACKAGES:
        LAZY["make_lazy"](folder / path, path.replace("/", "."))
    return folder


def test_the_layer_names_its_lazy_packages() -> None:
    assert ROOTS == ["langgraph_sdk", "langsmith", "openai"]


@pytest.mark.parametrize("root", ROOTS)
def test_everything_that_packages_export_is_available(lazy: Path, root: str) -> None:
    whole, found = looked(root), looked(root, {"PYTHONPATH": str(lazy)})

    assert len(whole["offered"]) > 10
    assert whole["offered"].items() <= found["offered"].items()


@pytest.mark.parametrize("root", sorted(set(ROOTS) - {"langsmith"}))  # langsmith is lazy itself
def test_less_is_loaded_at_import(lazy: Path, root: str) -> None:
    whole, found = looked(root), looked(root, {"PYTHONPATH": str(lazy)})

    assert found["loaded"] < 0.7 * whole["loaded"]


def looked(root: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Import a package in a fresh interpreter and return what it loads and exports."""
    names = [path.replace("/", ".") for path in PACKAGES if path.partition("/")[0] == root]
    completed = subprocess.run(
        [sys.executable, "-c", LOOK, root, *names],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(completed.stdout)
    found["offered"] = {name: without_place(address) for name, address in found["offered"].items()}
    return found


def without_place(text: str) -> str:
    """Remove memory addresses and file paths from a representation."""
    return text.partition(" at 0x")[0].partition(" from ")[0]


@pytest.mark.parametrize(
    "source",
    [
        "import json",
        "from json import loads",
        "from .other import *",
        "from .other import other",
        "from . import other",
        "from .. import other",
        "VALUE = compute()",
        "if True:\n    from .other import One",
    ],
)
def test_a_package_with_other_statements_is_refused_and_not_modified(
    tmp_path: Path, source: str
) -> None:
    file = tmp_path / "__init__.py"
    file.write_text(source, "utf-8")
    (tmp_path / "other.py").touch()

    with pytest.raises(ValueError, match=r"export|more"):
        LAZY["make_lazy"](tmp_path, "package")

    assert file.read_text("utf-8") == source


def test_files_shared_by_hard_links_are_not_modified(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    ours, installed = package / "__init__.py", tmp_path / "installed.py"
    ours.write_text('"""A package."""\nfrom .other import One\n', "utf-8")
    installed.hardlink_to(ours)

    LAZY["make_lazy"](package, "package")

    assert "from .other" in installed.read_text("utf-8")
    assert "from .other" not in ours.read_text("utf-8")
