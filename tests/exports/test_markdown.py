"""HTML is converted to Markdown without losing content."""

from coursewright.exports.markdown import markdown


def test_paragraphs_headings_and_marks() -> None:
    html = "<h3>Task</h3>\n<p>Be <strong>bold</strong>,\n<em>kind</em> &amp; 2 * 3 &lt; 7_0.</p>"

    assert markdown(html) == "### Task\n\nBe **bold**, *kind* & 2 \\* 3 \\< 7\\_0.\n"


def test_lists_inside_lists() -> None:
    html = "<p>All:</p><ol><li>one<ul><li>half</li></ul></li><li>two</li></ol><p>End.</p>"

    assert markdown(html) == "All:\n\n1. one\n   - half\n2. two\n\nEnd.\n"


def test_programs_keep_their_lines_and_blanks() -> None:
    html = "<pre><code>for n in x:\n\n\n    print(n)  # &lt;*&gt;\n</code></pre>"

    assert markdown(html) == "```\nfor n in x:\n\n\n    print(n)  # <*>\n```\n"


def test_code_may_hold_backticks() -> None:
    assert markdown("<p>Use <code>`x`</code>.</p>") == "Use `` `x` ``.\n"
    assert markdown("<pre>```</pre>") == "````\n```\n````\n"


def test_tables_have_a_rule_under_their_head() -> None:
    html = (
        "<table>\n<thead><tr><th>call</th><th>result</th></tr></thead>\n"
        "<tbody><tr><td><code>a | b</code></td><td>1 | 2</td></tr></tbody></table>"
    )

    assert markdown(html) == "| call | result |\n| --- | --- |\n| `a \\| b` | 1 \\| 2 |\n"


def test_content_that_a_page_would_not_show_is_omitted() -> None:
    assert markdown("<p onclick='x'>a<script>alert(1)</script></p>") == "a\n"
    assert markdown("") == "\n"
