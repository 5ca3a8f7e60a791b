"""Estimates the height of texts, because scripts cannot measure sandboxed frames."""

import math
from collections.abc import Iterable
from functools import lru_cache

from coursewright.domain.html_tokens import html_tokens

LINE_CHARS = (34, 46, 68)  # in the narrow, medium and wide layouts
STEP_REM, MAX_HEIGHT_REM = 2, 60  # style.css has a class for each step
CACHE_SIZE = 512  # number of estimated heights
LINE_REM, CODE_LINE_REM, PARAGRAPH_GAP_REM = 1.6, 1.35, 0.85
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PARAGRAPHS = {"p", "ul", "ol", "dl", "blockquote", "table", "pre"} | HEADINGS
LINES = {"p", "li", "dt", "dd", "caption", "div", "blockquote", "br"} | HEADINGS


def height_classes(texts: Iterable[str]) -> str:
    """Return the height classes of frames side by side, for the narrow, medium and wide layouts."""
    frames = tuple(texts)
    heights = [max(_height_rem(text, chars) for text in frames) for chars in LINE_CHARS]
    names = ("narrow", "medium", "wide")
    return " ".join(f"{name}-{height}" for name, height in zip(names, heights, strict=True))


@lru_cache(CACHE_SIZE)
def _height_rem(text: str, line_chars: int) -> int:
    measure = _HeightEstimator(line_chars)
    measure.read(text)
    return min(
        MAX_HEIGHT_REM, max(2 * STEP_REM, math.ceil((measure.height() + 0.5) / STEP_REM) * STEP_REM)
    )


class _HeightEstimator:
    """Estimates the number of lines into which a browser would break the text."""

    def __init__(self, line_chars: int) -> None:
        self._line_chars = line_chars
        self._height = 0.0
        self._line: list[str] = []
        self._cells: list[str] | None = None
        self._in_code = False

    def height(self) -> float:
        """Return the height in rem."""
        self._end_line()
        return self._height

    def read(self, html: str) -> None:
        """Read the text."""
        for token in html_tokens(html):
            if token.start:
                self._read_start(token.start)
            elif token.end:
                self._read_end(token.end)
            else:
                self._read_text(token.text)

    def _read_start(self, tag: str) -> None:
        if tag == "tr":
            self._cells = []
        elif tag in {"td", "th"} and self._cells is not None:
            self._cells.append("")
        elif tag in LINES and self._cells is None:
            self._end_line()
        if tag == "pre":
            self._end_line()
            self._in_code = True

    def _read_end(self, tag: str) -> None:
        if tag == "pre":
            self._height += CODE_LINE_REM * max(1, len(self._text("\n").split("\n"))) + 1.4
            self._line, self._in_code = [], False
        elif tag == "tr" and self._cells is not None:
            self._end_row(self._cells)
        elif tag in LINES and self._cells is None:
            self._end_line()
        if tag in PARAGRAPHS:
            self._height += PARAGRAPH_GAP_REM

    def _read_text(self, data: str) -> None:
        if self._cells:
            self._cells[-1] += data
        elif self._cells is None:
            self._line.append(data if self._in_code else " ".join(data.split()) + " ")

    def _end_line(self) -> None:
        if text := self._text():
            self._height += LINE_REM * math.ceil(len(text) / self._line_chars)
        self._line = []

    def _text(self, ends: str | None = None) -> str:
        return "".join(self._line).strip(ends)

    def _end_row(self, cells: list[str]) -> None:
        """Add a table row, in which columns with more text are wider."""
        total = sum(max(6, len(cell.strip())) for cell in cells) or 1
        row_chars = max(8, self._line_chars - 2 * len(cells))
        shares = [row_chars * max(6, len(cell.strip())) / total for cell in cells]
        pairs = zip(cells, shares, strict=True)
        lines = max((math.ceil(len(cell.strip()) / share) for cell, share in pairs), default=1)
        self._height += LINE_REM * max(1, lines) + 0.55
        self._cells = None
