"""The layer's compiled templates render the same pages as their sources."""

from pathlib import Path

import pytest

from coursewright.pages import templating
from coursewright.pages.review import render_problem
from coursewright.pages.view_models import Problem

PROBLEM = Problem(name="ReviewExpired")


def test_a_page_of_compiled_templates_is_the_same_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = render_problem(PROBLEM, accept_language="de", can_ask=True)
    templating.compile_templates(tmp_path)
    monkeypatch.setattr(templating, "COMPILED", tmp_path)
    templating._environment.cache_clear()
    try:
        compiled = render_problem(PROBLEM, accept_language="de", can_ask=True)
        loader = type(templating._environment().loader).__name__
    finally:
        templating._environment.cache_clear()

    assert loader == "ModuleLoader"
    assert compiled == plain


def test_every_template_is_compiled(tmp_path: Path) -> None:
    templating.compile_templates(tmp_path)

    templates = [
        file for kind in ("html", "txt") for file in templating.TEMPLATES.glob(f"*.{kind}")
    ]
    assert len(list(tmp_path.glob("tmpl_*.py"))) == len(templates)
