"""Titles of courses, modules and assignments: single lines without invisible formatting."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from coursewright.domain.problems import ProblemCode

MAX_TITLE_CHARS = 300
# Explicit formatting reorders the text around it. The marks (LRM, RLM, ALM) do not, and Arabic and
# Hebrew titles need them. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, surrogates, line and paragraph ends


def clean_title(text: str) -> str:
    """Return a title without control and bidirectional formatting characters, on one line."""
    visible = (" " if _is_control(each) else each for each in text if each not in BIDIRECTIONAL)
    return " ".join("".join(visible).split())


def _validate(text: str) -> str:
    if not text.strip() or any(each in BIDIRECTIONAL or _is_control(each) for each in text):
        raise PydanticCustomError(
            ProblemCode.TITLE_INVALID.value, "empty, or with control or bidirectional characters"
        )
    return text


Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_CHARS), AfterValidator(_validate)]


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in CONTROLS
