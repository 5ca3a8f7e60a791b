"""Lets packages load what they offer when it is asked for: `lazy_imports.py FOLDER PACKAGE …`.

OpenAI's client, LangSmith's and that of LangGraph's server bring hundreds of generated types, of
which a call needs a few or none; yet each cold start would load them all. FOLDER holds the
packages, each named as a path below it.
"""

import ast
import sys
from pathlib import Path

LOADER = '''

def __getattr__(name: str) -> object:
    """Load it now (PEP 562)."""
    import importlib

    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _OFFERED[name]
    loaded = importlib.import_module(module)
    found = getattr(loaded, attribute) if attribute else loaded
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Name what is loaded and what may be."""
    return sorted({*globals(), *_OFFERED})
'''
Offered = dict[str, tuple[str, str]]


def make_lazy(package: Path, name: str) -> None:
    """Write a package's `__init__.py` anew.

    Raises: ValueError where it does more than to hand on what its modules define.
    """
    file = package / "__init__.py"
    source = file.read_text("utf-8")
    kept: list[str] = []
    inside = (one for one in package.iterdir() if one.is_dir() or one.suffix == ".py")
    modules = {one.stem for one in inside if not one.stem.startswith("__")}
    offered: Offered = {one: (f"{name}.{one}", "") for one in sorted(modules)}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
            found = _offered(statement, name)
            if modules & set(found):
                raise ValueError(f"{file}, line {statement.lineno}, hides a module of its own")
            offered |= found
        elif _is_plain(statement):
            kept.append(ast.unparse(statement))
        else:
            raise ValueError(f"{file}, line {statement.lineno}, is more than an import")
    text = "\n".join([*kept, f"_OFFERED = {offered!r}", LOADER])
    file.unlink()  # it may be a link into the installer's cache, which others use
    file.write_text(text, "utf-8")


def _offered(statement: ast.ImportFrom, package: str) -> Offered:
    """Return what a statement offers, by name: where it is, and what it is called there."""
    module = f"{package}.{statement.module}" if statement.level else str(statement.module)
    if statement.level > 1 or not statement.module or not module.startswith(f"{package}."):
        raise ValueError(f"{package} offers what is not its own: {ast.unparse(statement)}")
    if any(one.name == "*" for one in statement.names):
        raise ValueError(f"{package} does not name all its own: {ast.unparse(statement)}")
    return {one.asname or one.name: (module, one.name) for one in statement.names}


def _is_plain(statement: ast.stmt) -> bool:
    """Tell a text, a `__future__` and a constant from what has to run now."""
    if isinstance(statement, ast.Assign):
        return not any(isinstance(one, ast.Call | ast.Name) for one in ast.walk(statement.value))
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.ImportFrom)


if __name__ == "__main__":
    folder, *paths = sys.argv[1:]
    for path in paths:
        make_lazy(Path(folder) / path, path.replace("/", "."))
