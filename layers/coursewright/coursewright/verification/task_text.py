"""Splits a draft's text, HTML or plain text with Markdown, into prose, code blocks and tables."""

import re
from collections.abc import Iterator
from enum import StrEnum

from coursewright.domain.base import Record
from coursewright.domain.html_tokens import Token, html_tokens
from coursewright.domain.quotes import BLOCKS

# Inline code within prose stands between these characters.
CODE_START, CODE_END = "\x02", "\x03"
HTML_TAG = re.compile(
    r"</?(?:p|pre|code|div|ul|ol|li|table|tr|td|br|strong|em|b|i|h[1-6])\b[^<>]*>"
)
FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n?", re.MULTILINE)
BACKTICKS = re.compile(r"`([^`\n]+)`")
TABLE_RULE = re.compile(r"[\s|:+=-]+")
CODE_TAGS = {"code", "samp", "kbd", "var", "tt"}
CELLS = {"td", "th"}


class PieceKind(StrEnum):
    """The kind of a piece of text."""

    PROSE = "prose"
    BLOCK = "block"
    ROW = "row"


class Piece(Record):
    """A line of prose, a block of code, or a table row with one line per cell.

    A table's first row has `starts` set, and so has its caption in prose.
    """

    kind: PieceKind
    text: str = ""
    cells: tuple[str, ...] = ()
    starts: bool = False


def read_text(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a text in reading order."""
    plain = text.replace(CODE_START, "").replace(CODE_END, "")
    if not HTML_TAG.search(plain):
        return tuple(_plain_pieces(plain))
    reader = _HtmlReader()
    for token in html_tokens(plain):
        reader.read(token)
    reader.end_line()
    return tuple(reader.pieces)


def prose(pieces: tuple[Piece, ...]) -> str:
    """Return the prose without the code in it."""
    lines = (piece.text for piece in pieces if piece.kind is PieceKind.PROSE)
    return "\n".join(map(_without_code, lines))


def plain_text(pieces: tuple[Piece, ...]) -> str:
    """Return the whole text without tags and markup characters."""
    lines = (line for piece in pieces for line in (piece.text, *piece.cells) if line)
    return "\n".join(lines).replace(CODE_START, "").replace(CODE_END, "")


def _without_code(line: str) -> str:
    *parts, rest = line.split(CODE_END)
    return " ".join([*(part.partition(CODE_START)[0] for part in parts), rest])


def _plain_pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of plain text; every second part between Markdown fences is code."""
    for index, part in enumerate(FENCE.split(text)):
        if index % 2:
            yield Piece(kind=PieceKind.BLOCK, text=part)
        else:
            yield from _plain_lines(part)


def _plain_lines(text: str) -> Iterator[Piece]:
    is_in_table = False
    for line in text.splitlines():
        is_row = line.strip().startswith("|") and line.strip().endswith("|")
        if is_row and not TABLE_RULE.fullmatch(line):
            cells = tuple(_marked(cell).strip() for cell in line.strip()[1:-1].split("|"))
            yield Piece(kind=PieceKind.ROW, cells=cells, starts=not is_in_table)
        elif not is_row:
            yield Piece(kind=PieceKind.PROSE, text=_marked(line))
        is_in_table = is_row


def _marked(line: str) -> str:
    return BACKTICKS.sub(rf"{CODE_START}\1{CODE_END}", line)


class _HtmlReader:
    """Collects pieces; white space in prose and cells is collapsed as a browser does."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._text: list[str] = []
        self._cells: list[str] = []
        self._open: dict[str, int] = {}
        self._is_first_row = False

    def read(self, token: Token) -> None:
        """Add a tag or a text."""
        if token.start:
            self._start(token.start)
        elif token.end:
            self._end(token.end)
        else:
            self._text.append(token.text)

    def _start(self, tag: str) -> None:
        if tag == "br" and self._is_in("pre"):
            self._text.append("\n")
            return
        if tag in CELLS or (tag in BLOCKS and not self._is_in("td", "th")):
            self.end_line()
        if tag in CODE_TAGS and not self._is_in("pre"):
            self._text.append(CODE_START)
        self._is_first_row |= tag == "table"
        self._open[tag] = self._open.get(tag, 0) + 1

    def _end(self, tag: str) -> None:
        if tag in CODE_TAGS and not self._is_in("pre"):
            self._text.append(CODE_END)
        if tag in CELLS:
            self._cells.append(self._take_line())
        elif tag == "tr":
            self._end_row()
        elif tag in BLOCKS and not self._is_in("td", "th"):
            self.end_line()
        self._open[tag] = max(0, self._open.get(tag, 0) - 1)

    def end_line(self) -> None:
        """Store the text so far as a block or a line of prose."""
        if self._is_in("pre"):
            block = "".join(self._text)
            self._text.clear()
            if block.strip():
                self.pieces.append(Piece(kind=PieceKind.BLOCK, text=block))
        elif line := self._take_line():
            self.pieces.append(Piece(kind=PieceKind.PROSE, text=line))

    def _end_row(self) -> None:
        if self._cells:
            cells, starts = tuple(self._cells), self._is_first_row
            self.pieces.append(Piece(kind=PieceKind.ROW, cells=cells, starts=starts))
        self._cells.clear()
        self._is_first_row = False

    def _take_line(self) -> str:
        line = " ".join("".join(self._text).split())
        self._text.clear()
        return line

    def _is_in(self, *tags: str) -> bool:
        return any(self._open.get(tag) for tag in tags)
