"""Texts and HTTP statuses for the problems that a page may show."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from coursewright.domain.problems import ProblemCode
from coursewright.markup.formatting import grouped_digits
from coursewright.markup.i18n import _
from coursewright.pages.view_models import Problem


def problem_status(problem: Problem | None) -> int:
    """Return the HTTP status of a page that shows this problem (or none)."""
    return int(_problems()[problem.name]["status"]) if problem else 200


def problem_text(problem: Problem) -> dict[str, str]:
    """Return a problem's title, text and advice (`next`) in the active language."""
    wording = _problems()[problem.name]
    texts = {name: _(wording[name]) if wording[name] else "" for name in ("title", "text", "next")}
    if problem.code is not None:
        texts["text"] = problem_detail(problem.code, problem.params)
    return texts


def problem_title(name: str) -> str:
    """Return the title of a problem, given its error's name."""
    title: str = _problems()[name]["title"]
    return _(title)


def problem_detail(code: ProblemCode, params: Mapping[str, str | int]) -> str:
    """Return a sentence about the problem with a form."""
    placeholders = {
        name: grouped_digits(value) if isinstance(value, int) else value
        for name, value in params.items()
    }
    text: str = _problems()["details"][code]
    return _(text, **placeholders)


@cache
def _problems() -> dict[str, dict[str, Any]]:
    path = Path(__file__).parent / "problems.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
