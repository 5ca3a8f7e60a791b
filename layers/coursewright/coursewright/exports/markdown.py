"""Converts an assignment's HTML to Markdown."""

import re
from html.parser import HTMLParser

from coursewright.markup.sanitise import clean_html

EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~"}
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
BLOCKS = {"p", "div", "blockquote", "dl", "dt", "dd", "caption", *HEADINGS}
SPECIAL = re.compile(r"([\\`*_<>\[\]~|#])")


def markdown(html: str) -> str:
    """Convert sanitised HTML to Markdown."""
    converter = _MarkdownConverter(convert_charrefs=True)
    converter.feed(clean_html(html))
    converter.close()
    return converter.text.strip() + "\n"


def escape_markdown(text: str) -> str:
    """Return plain text on one line, with all Markdown characters escaped."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


class _MarkdownConverter(HTMLParser):
    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self._output: list[str] = []
        self._blocks: list[str] = []  # code blocks, protected from white space clean-up
        self._lists: list[int] = []  # the next number of each open list; 0 for bullets
        self._code: list[str] | None = None
        self._in_pre = False
        self._cells: list[str] | None = None
        self._rows = 0

    @property
    def text(self) -> str:
        text = re.sub(r"\n[ \n]*\n", "\n\n", "".join(self._output))
        return re.sub("\0([0-9]+)\0", lambda place: self._blocks[int(place[1])], text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre":
            self._in_pre, self._code = True, []
        elif tag in ("ul", "ol"):
            self._lists.append(int(tag == "ol"))
            self._write("\n\n" if len(self._lists) == 1 else "")
        elif tag == "li":
            self._write(self._bullet())
        elif tag in BLOCKS:
            self._write("\n\n" + (f"{HEADINGS[tag]} " if tag in HEADINGS else ""))
        elif tag in EMPHASIS:
            self._write(EMPHASIS[tag])
        else:
            self._start_inline(tag)

    def _start_inline(self, tag: str) -> None:
        if tag in ("code", "kbd", "samp", "var") and not self._in_pre:
            self._code = []
        elif tag == "br":
            self._write(" " if self._cells is not None else "\\\n")
        elif tag == "hr":
            self._write("\n\n---\n\n")
        elif tag == "table":
            self._rows = 0
            self._write("\n\n")
        elif tag == "tr":
            self._cells = []
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._end_pre()
        elif tag in ("code", "kbd", "samp", "var") and not self._in_pre:
            self._end_code()
        elif tag in ("ul", "ol"):
            self._lists.pop()
            self._write("\n\n" if not self._lists else "")
        elif tag in BLOCKS or tag == "table":
            self._write("\n\n")
        elif tag in EMPHASIS:
            self._write(EMPHASIS[tag])
        elif tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._code is not None:
            self._code.append(data)
        else:
            self._write(SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", data)))

    def _write(self, text: str) -> None:
        if self._cells:
            self._cells[-1] += " " if text.isspace() else text
        elif self._cells is None and text and not (text == " " and self._is_at_start()):
            self._output.append(text.lstrip(" ") if self._is_at_start() else text)

    def _is_at_start(self) -> bool:
        last = next((part for part in reversed(self._output) if part), "\n")
        return last.endswith("\n")

    def _bullet(self) -> str:
        number = self._lists[-1] if self._lists else 0
        if number:
            self._lists[-1] += 1
        indent = "   " * (len(self._lists) - 1)
        return f"\n{indent}{f'{number}.' if number else '-'} "

    def _end_code(self) -> None:
        code = re.sub(r"\s+", " ", "".join(self._code or []))
        self._code = None
        longest = max(map(len, re.findall("`+", code)), default=0)
        fence, pad = "`" * (longest + 1), " " if "`" in code else ""
        escaped = code.replace("|", "\\|") if self._cells else code
        self._write(f"{fence}{pad}{escaped}{pad}{fence}")

    def _end_pre(self) -> None:
        code = "".join(self._code or []).strip("\n")
        self._in_pre, self._code = False, None
        longest = max(map(len, re.findall("`+", code)), default=0)
        fence = "`" * max(3, longest + 1)
        self._blocks.append(f"{fence}\n{code}\n{fence}")
        self._write(f"\n\n\0{len(self._blocks) - 1}\0\n\n")

    def _end_row(self) -> None:
        cells, self._cells = self._cells or [], None
        self._rows += 1
        row = "| " + " | ".join(cell.strip() for cell in cells) + " |\n"
        rule = "|" + " --- |" * len(cells) + "\n"
        self._write(row + (rule if self._rows == 1 else ""))
