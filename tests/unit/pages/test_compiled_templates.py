"""What the layer brings as modules says the same as the templates that they were made of."""

from pathlib import Path

import pytest

from coursewright.domain.errors import ReviewExpired
from coursewright.pages import render


def test_a_page_of_compiled_templates_is_the_same_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = render.plain_page(ReviewExpired, language="de", can_ask=True)
    render.compile_templates(tmp_path)
    monkeypatch.setattr(render, "COMPILED", tmp_path)
    render._templates.cache_clear()
    try:
        compiled = render.plain_page(ReviewExpired, language="de", can_ask=True)
        loader = type(render._templates().loader).__name__
    finally:
        render._templates.cache_clear()

    assert loader == "ModuleLoader"
    assert compiled == plain


def test_every_template_is_compiled(tmp_path: Path) -> None:
    render.compile_templates(tmp_path)

    templates = [file for kind in ("html", "txt") for file in render.HERE.glob(f"*.{kind}")]
    assert len(list(tmp_path.glob("tmpl_*.py"))) == len(templates)
