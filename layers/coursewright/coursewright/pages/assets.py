"""Our own style sheets and scripts inside pages, and the hashes under which a browser lets them."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

HERE = Path(__file__).parent


@cache
def inline(name: str) -> Markup:
    """Return a style sheet or script of this folder as it stands in a page."""
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704 our own file


@cache
def content_hash(name: str) -> str:
    """Return the hash that a content security policy names."""
    digest = hashlib.sha256(inline(name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
