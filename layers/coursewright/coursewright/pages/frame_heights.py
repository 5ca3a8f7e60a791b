"""Guesses how high a text will be: a sandboxed frame cannot measure itself, nor be measured."""

import math
from collections.abc import Iterable
from functools import lru_cache
from html.parser import HTMLParser

COLUMNS = (34, 46, 68)  # letters in a line of a narrow, a usual and a wide card
STEP, MAX_HEIGHT_REM = 2, 60  # rem; style.css has a class for each step
CACHE_SIZE = 512  # heights that were guessed before
LINE, CODE_LINE, GAP = 1.6, 1.35, 0.85
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PARAGRAPHS = {"p", "ul", "ol", "dl", "blockquote", "table", "pre"} | HEADINGS
LINES = {"p", "li", "dt", "dd", "caption", "div", "blockquote", "br"} | HEADINGS


def height_classes(texts: Iterable[str]) -> str:
    """Return the style sheet's classes for frames side by side: for each width the highest text."""
    kept = tuple(texts)
    heights = [max(_steps(text, columns) for text in kept) for columns in COLUMNS]
    names = ("narrow", "usual", "wide")
    return " ".join(f"{name}-{height}" for name, height in zip(names, heights, strict=True))


@lru_cache(CACHE_SIZE)
def _steps(text: str, columns: int) -> int:
    measure = _Measure(columns)
    measure.feed(text)
    measure.close()
    return min(MAX_HEIGHT_REM, max(2 * STEP, math.ceil((measure.height() + 0.5) / STEP) * STEP))


class _Measure(HTMLParser):
    """Adds up lines as a browser would break them, roughly."""

    def __init__(self, columns: int) -> None:
        super().__init__(convert_charrefs=True)
        self._columns = columns
        self._height = 0.0
        self._line = ""
        self._cells: list[str] | None = None
        self._in_code = False

    def height(self) -> float:
        """Return the height in rem."""
        self._end_line()
        return self._height

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._cells = []
        elif tag in {"td", "th"} and self._cells is not None:
            self._cells.append("")
        elif tag in LINES and self._cells is None:
            self._end_line()
        if tag == "pre":
            self._end_line()
            self._in_code = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._height += CODE_LINE * max(1, len(self._line.strip("\n").split("\n"))) + 1.4
            self._line, self._in_code = "", False
        elif tag == "tr" and self._cells is not None:
            self._end_row(self._cells)
        elif tag in LINES and self._cells is None:
            self._end_line()
        if tag in PARAGRAPHS:
            self._height += GAP

    def handle_data(self, data: str) -> None:
        if self._cells:
            self._cells[-1] += data
        elif self._cells is None:
            self._line += data if self._in_code else " ".join(data.split()) + " "

    def _end_line(self) -> None:
        if words := self._line.strip():
            self._height += LINE * math.ceil(len(words) / self._columns)
        self._line = ""

    def _end_row(self, cells: list[str]) -> None:
        """Return each column its share of the width: more to those with more words."""
        total = sum(max(6, len(cell.strip())) for cell in cells) or 1
        room = max(8, self._columns - 2 * len(cells))
        shares = [room * max(6, len(cell.strip())) / total for cell in cells]
        pairs = zip(cells, shares, strict=True)
        lines = max((math.ceil(len(cell.strip()) / share) for cell, share in pairs), default=1)
        self._height += LINE * max(1, lines) + 0.55
        self._cells = None
