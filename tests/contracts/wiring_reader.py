"""Determines which settings a function needs by reading its source, not executing it."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "coursewright" / "coursewright"


def settings_needed(function: str) -> set[str]:
    """Return the settings that a function reads, directly, through properties or wiring."""
    tree = ast.parse((ROOT / "functions" / function / "app.py").read_text("utf-8"))
    names = _settings_in(tree)
    if _passes_all_settings(tree):
        names |= set(_properties())
    return {field for name in names for field in _properties().get(name, {name})}


def _passes_all_settings(tree: ast.AST) -> bool:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    calls = [node for node in ast.walk(tree) if _is_settings_call(node)]
    return any(not isinstance(parents[call], ast.Attribute) for call in calls)


def _settings_in(tree: ast.AST) -> set[str]:
    names = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_settings_call(node.value)
    }
    for node in ast.walk(tree):
        port = _called_port(node)
        if port in _ports():
            names |= _needed_by_port(port)
    return names


@cache
def _properties() -> dict[str, set[str]]:
    """Return the fields that each property of the settings reads."""
    tree = ast.parse((PACKAGE / "settings.py").read_text("utf-8"))
    (settings,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        method.name: {
            node.attr
            for node in ast.walk(method)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        }
        for method in settings.body
        if isinstance(method, ast.FunctionDef)
    }


@cache
def _ports() -> dict[str, ast.FunctionDef]:
    tree = ast.parse((PACKAGE / "wiring.py").read_text("utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def _needed_by_port(port: str) -> set[str]:
    return _settings_in(_ports()[port])


def _called_port(node: ast.AST) -> str:
    """Return the name called in `wiring.drafts()`, or in `drafts()` inside wiring itself."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return node.func.attr if node.func.value.id == "wiring" else ""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_settings_call(node: ast.AST) -> bool:
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return is_call and node.func.id == "settings"  # type: ignore[attr-defined]
