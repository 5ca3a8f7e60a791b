"""Inlines style sheets and scripts into pages and computes their content security policy hashes."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

HERE = Path(__file__).parent


@cache
def inline(name: str) -> Markup:
    """Return the text of a style sheet or script in this folder."""
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704 our own file


@cache
def content_hash(name: str) -> str:
    """Return the hash of a style sheet or script for the content security policy."""
    digest = hashlib.sha256(inline(name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
