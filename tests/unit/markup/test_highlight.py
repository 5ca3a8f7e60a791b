"""The passages that tests check are highlighted in the text."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from coursewright.markup.highlight import MAX_NESTED_HIGHLIGHTS, MAX_OCCURRENCES, highlight_quotes
from coursewright.markup.sanitise import clean_html


def words_of(html: str, number: int) -> str:
    """Return the text inside the marks with this number."""
    found = re.findall(rf'<mark class="p{number}"[^>]*>((?:(?!</?mark).)*)</mark>', html, re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", "".join(found)))


def without_marks(html: str) -> str:
    return re.sub(r"</?mark[^>]*>", "", html)


def test_a_quote_is_marked_across_tags_and_entities() -> None:
    html = highlight_quotes(
        "<p>Return <code>a &lt; b</code> &amp; stop.</p>", ["return a < b & stop"]
    )

    assert words_of(html, 1) == "Return a < b & stop"
    assert html.count('id="p1"') == 1
    assert html.count('data-n="1"') == 1


def test_no_highlight_spans_blocks() -> None:
    html = highlight_quotes("<ul><li>One</li>\n<li>Two</li></ul>", ["one two"])

    assert html == (
        '<ul><li><mark class="p1" id="p1">One</mark></li>\n'
        '<li><mark class="p1" data-n="1">Two</mark></li></ul>'
    )


def test_quotes_that_overlap_are_both_marked() -> None:
    html = highlight_quotes("<p>a big red dog</p>", ["a big red", "red dog"])

    assert '<mark class="p2" id="p2"><mark class="p1" data-n="1">red</mark></mark>' in html
    assert without_marks(html) == "<p>a big red dog</p>"


def test_a_quote_may_leave_words_out_and_occur_twice() -> None:
    html = highlight_quotes("<p>zero if empty. zero.</p>", ["zero … empty", "nowhere", ""])

    assert html.count('class="p1"') == 3
    assert "p2" not in html


def test_quotes_that_many_tests_share_do_not_multiply() -> None:
    words = " ".join(f"word{number}" for number in range(500))

    html = highlight_quotes(f"<p>{words}</p>", [words[start:] for start in range(200)])

    assert all(f'id="p{number}"' in html for number in range(1, 201))
    assert len(html) < 30 * (MAX_NESTED_HIGHLIGHTS * 250 + len(words))


def test_frequent_quotes_are_highlighted_a_few_times_only() -> None:
    html = highlight_quotes(f"<p>{'e ' * 20_000}</p>", ["e"] * 30)

    assert html.count('class="p1"') == html.count('class="p30"') == MAX_OCCURRENCES


@given(st.text(), st.lists(st.text(max_size=8), max_size=4))
def test_highlighting_changes_nothing_else(text: str, quotes: list[str]) -> None:
    clean = clean_html(f"<p>{text}</p>")

    assert without_marks(highlight_quotes(clean, quotes)) == clean


@given(st.text(min_size=1), st.data())
def test_every_part_of_a_text_can_be_marked(text: str, data: st.DataObject) -> None:
    clean = clean_html(text.replace("<", "&lt;"))
    start = data.draw(st.integers(0, len(text) - 1))

    assert without_marks(highlight_quotes(clean, [text[start:]])) == clean
