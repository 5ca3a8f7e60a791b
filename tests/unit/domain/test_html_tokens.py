"""HTML is split into tags and text in one pass, as browsers do, however malformed it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.html_tokens import Token, html_tokens, unescape

PIECES = ["<", ">", "</", "/>", "<!--", "-->", "<!", "a", " b", "=", "'", '"', "&#9;", "<script>"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a &lt; b", [Token(text="a < b")]),
        ("<p>x</p>", [Token(start="p"), Token(text="x"), Token(end="p")]),
        (
            '<TD Colspan=2 on="a>b" x>',
            [Token(start="td", attributes={"colspan": "2", "on": "a>b", "x": ""})],
        ),
        ("<a b='>'/>", [Token(start="a", attributes={"b": ">"})]),
        ("1 < 2", [Token(text="1 "), Token(text="<"), Token(text=" 2")]),
        ("<!-- <b> -->x", [Token(text="x")]),
        ("<!doctype html>x", [Token(text="x")]),
        ("<script>if (a<b) c</script>", [Token(start="script"), Token(end="script")]),
        ("<script>a", [Token(start="script")]),
        ("x<a b='never closed>", [Token(text="x")]),
        ("x<a href", [Token(text="x")]),
        ("x<!-- never closed", [Token(text="x")]),
    ],
)
def test_markup_is_read_as_browsers_read_it(source: str, expected: list[Token]) -> None:
    assert list(html_tokens(source)) == expected


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_source_ends_and_text_is_never_lost_before_the_first_tag(source: str) -> None:
    tokens = list(html_tokens(source))

    assert len(tokens) <= len(source)


@pytest.mark.parametrize("digits", [7, 8, 4_301, 100_000])
def test_a_character_reference_of_many_digits_is_replaced(digits: int) -> None:
    assert unescape(f"a&#{'9' * digits};b") == "a\N{REPLACEMENT CHARACTER}b"
    assert unescape(f"a&#x{'f' * digits};b") == "a\N{REPLACEMENT CHARACTER}b"
