"""Makes packages import their exports on first use: `lazy_imports.py FOLDER PACKAGE …`.

The clients for OpenAI, LangSmith and LangGraph's server contain hundreds of generated types. A call
needs few of them or none, yet every cold start would import them all. FOLDER contains the packages,
each given as a path relative to it.
"""

import ast
import sys
from pathlib import Path

LOADER = '''

def __getattr__(name: str) -> object:
    """Import the attribute on first use (PEP 562)."""
    import importlib

    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _EXPORTS[name]
    imported = importlib.import_module(module)
    value = getattr(imported, attribute) if attribute else imported
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the attributes, imported or not."""
    return sorted({*globals(), *_EXPORTS})
'''
Exports = dict[str, tuple[str, str]]  # name: (module, attribute; empty for the module itself)


def make_lazy(package: Path, name: str) -> None:
    """Rewrite the package's `__init__.py` so that it imports lazily.

    Raises: ValueError if the file does anything except re-export names from the package's modules.
    """
    file = package / "__init__.py"
    source = file.read_text("utf-8")
    unchanged: list[str] = []
    paths = (path for path in package.iterdir() if path.is_dir() or path.suffix == ".py")
    modules = {path.stem for path in paths if not path.stem.startswith("__")}
    exports: Exports = {module: (f"{name}.{module}", "") for module in sorted(modules)}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
            exported = _exports(statement, name)
            if modules & set(exported):
                raise ValueError(f"{file}, line {statement.lineno}: an export hides a module")
            exports |= exported
        elif _is_plain(statement):
            unchanged.append(ast.unparse(statement))
        else:
            raise ValueError(f"{file}, line {statement.lineno}: more than an import")
    text = "\n".join([*unchanged, f"_EXPORTS = {exports!r}", LOADER])
    file.unlink()  # may be a hard link into the installer's shared cache
    file.write_text(text, "utf-8")


def _exports(statement: ast.ImportFrom, package: str) -> Exports:
    """Return the exports of an import statement: module and original name by exported name."""
    module = f"{package}.{statement.module}" if statement.level else str(statement.module)
    if statement.level > 1 or not statement.module or not module.startswith(f"{package}."):
        raise ValueError(f"{package} exports names from elsewhere: {ast.unparse(statement)}")
    if any(alias.name == "*" for alias in statement.names):
        raise ValueError(f"{package} does not list its exports: {ast.unparse(statement)}")
    return {alias.asname or alias.name: (module, alias.name) for alias in statement.names}


def _is_plain(statement: ast.stmt) -> bool:
    """Whether the statement is a docstring, a `__future__` import or a constant."""
    if isinstance(statement, ast.Assign):
        return not any(isinstance(node, ast.Call | ast.Name) for node in ast.walk(statement.value))
    is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_docstring or isinstance(statement, ast.ImportFrom)


if __name__ == "__main__":
    folder, *paths = sys.argv[1:]
    for path in paths:
        make_lazy(Path(folder) / path, path.replace("/", "."))
