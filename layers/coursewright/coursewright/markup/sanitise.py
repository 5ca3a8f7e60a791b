"""Sanitises HTML from models and lessons before it is shown or exported."""

from collections import Counter
from functools import lru_cache
from html import escape

import nh3

from coursewright.domain.allowed_html import ALLOWED_ATTRIBUTES, ALLOWED_TAGS
from coursewright.domain.html_tokens import Token, html_tokens

CACHE_SIZE = 128  # texts; a reviewer's clicks display the same ones repeatedly
DROPPED_WITH_CONTENT = {"script", "style", "title", "textarea", "template", "iframe", "svg", "math"}
EMBEDDED = frozenset({"template", "svg", "math"})
MAX_DEPTH = 200
AMPERSAND = "\ufdd0"  # never a character: https://www.unicode.org/faq/private_use.html
FOR_NH3 = str.maketrans({"&": AMPERSAND, AMPERSAND: "\ufffd", "\0": "\ufffd"})
# Tags that need no end tag: they do not nest without an element of another kind between them.
TAGS_WITHOUT_END = "p br hr li dt dd tr td th thead tbody tfoot caption"
WITHOUT_END = frozenset(TAGS_WITHOUT_END.split())


@lru_cache(CACHE_SIZE)
def clean_html(text: str) -> str:
    """Return the HTML reduced to what a task's text needs: no links, images or scripts."""
    clean = nh3.clean(
        "".join(_Simplifier().pieces(text.encode(errors="replace").decode())),
        tags=set(ALLOWED_TAGS),
        attributes=ALLOWED_ATTRIBUTES,
        clean_content_tags=DROPPED_WITH_CONTENT,
        link_rel=None,
    )
    return clean.replace(AMPERSAND, "&amp;")


class _Simplifier:
    """Rewrites HTML with allowed tags only and with limited nesting.

    nh3 needs quadratic time for deep nesting, many attributes and runs of `&`; nh3 decides what is
    safe; this class only reduces what nh3 has to read.
    """

    def __init__(self) -> None:
        self._opened: Counter[str] = Counter()
        self._embedded = ""

    def pieces(self, source: str) -> list[str]:
        """Return the pieces of the simplified HTML."""
        return [self._piece(token) for token in html_tokens(source)]

    def _piece(self, token: Token) -> str:
        if self._embedded and self._is_embedded(token):
            return ""
        if token.text:
            return escape(token.text.translate(FOR_NH3), quote=False)
        if token.start in EMBEDDED:
            self._embedded = token.start
        if token.start in ALLOWED_TAGS:
            return self._start(token)
        return self._end(token.end) if token.end in ALLOWED_TAGS else ""

    def _is_embedded(self, token: Token) -> bool:
        """Return whether the token is still within an embedded document, as browsers see it."""
        leaves = self._embedded != "template" and token.start in ALLOWED_TAGS
        if leaves or token.end == self._embedded:
            self._embedded = ""
        return not leaves

    def _start(self, token: Token) -> str:
        tag = token.start
        if tag not in WITHOUT_END and self._opened.total() >= MAX_DEPTH:
            return ""
        self._opened[tag] += tag not in WITHOUT_END
        allowed = ALLOWED_ATTRIBUTES.get(tag, set())
        known = {name: value for name, value in token.attributes.items() if name in allowed}
        return f"<{tag}{''.join(f' {name}="{escape(known[name])}"' for name in known)}>"

    def _end(self, tag: str) -> str:
        if tag not in WITHOUT_END:
            if not self._opened[tag]:
                return ""
            self._opened[tag] -= 1
        return f"</{tag}>"
