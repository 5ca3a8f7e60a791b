"""Tests how a draft's text is split into prose, code blocks and table rows."""

import time

import pytest

from coursewright.verification.task_text import Piece, PieceKind, prose, read_text

HTML = """
<p>Write <code>f(n)</code>
for a &lt; b.</p>
<pre><code>f(1)  # 2
f(2)  # 4
</code></pre>
<table><tr><th>call</th><th>result</th></tr><tr><td><code>f(3)</code></td><td>6</td></tr></table>
<ul><li>First</li><li>Second</li></ul>
"""
MARKDOWN = """Write `f(n)`.

```python
f(1)  # 2
```
| call   | result |
|--------|-------:|
| `f(3)` | 6      |
"""


def shown(text: str) -> list[tuple[str, str]]:
    return [
        (piece.kind.value, piece.text or "|".join(piece.cells))
        for piece in read_text(text)
        if piece.text or piece.cells
    ]


def test_html_is_split_into_lines_blocks_and_rows() -> None:
    assert shown(HTML) == [
        ("prose", "Write \x02f(n)\x03 for a < b."),
        ("block", "f(1)  # 2\nf(2)  # 4\n"),
        ("row", "call|result"),
        ("row", "\x02f(3)\x03|6"),
        ("prose", "First"),
        ("prose", "Second"),
    ]


def test_markdown_is_split_alike() -> None:
    assert shown(MARKDOWN) == [
        ("prose", "Write \x02f(n)\x03."),
        ("block", "f(1)  # 2\n"),
        ("row", "call|result"),
        ("row", "\x02f(3)\x03|6"),
    ]


@pytest.mark.parametrize("text", [HTML, MARKDOWN])
def test_the_first_row_of_a_table_is_marked(text: str) -> None:
    rows = [piece for piece in read_text(text) if piece.kind is PieceKind.ROW]

    assert [row.starts for row in rows] == [True, False]


def test_prose_leaves_out_code() -> None:
    assert prose((Piece(kind=PieceKind.PROSE, text="Call \x02f(n)\x03 once."),)) == "Call   once."
    assert prose(read_text("<pre>code</pre><table><tr><td>cell</td></tr></table>")) == ""


@pytest.mark.parametrize("part", ["<pre>", "<td>", "</td>", "```\n", "`", "<code>", "|a|\n", "&"])
def test_broken_markup_is_read_in_linear_time(part: str) -> None:
    started = time.process_time()

    read_text("<p>" * (part != "```\n") + part * (100_000 // len(part)))

    assert time.process_time() - started < 2
