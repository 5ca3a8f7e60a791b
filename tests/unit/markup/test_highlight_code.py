"""Highlighted code keeps every character and contains nothing that a browser would run."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.brief import Kind
from coursewright.markup.highlight_code import (
    MAX_HIGHLIGHTED_CHARS,
    code_html,
    diff_html,
    module_html,
)

MODULE = '''import unittest


class TotalTest(unittest.TestCase):
    @unittest.skip
    def test_sum(self):
        """Two
        lines."""
        self.assertEqual(total([1, 2]), 3)

    def helper(self):
        return "<b>"

    async def test_empty(self):
        pass


class AgainTest(unittest.TestCase):
    def test_sum(self):
        pass
'''


def shown(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@given(st.text(st.characters(exclude_characters="\r\ufeff", exclude_categories=["Cs"])))
def test_code_is_shown_whole_and_escaped(code: str) -> None:
    for kind in Kind:
        html = code_html(code, kind)

        assert shown(html) == code
        assert set(re.findall(r"<[^>]*>", html)) <= {
            *(f'<span class="{name}">' for name in "csnkfb"),
            "</span>",
        }


def test_python_and_sql_are_coloured_by_their_own_words() -> None:
    python = code_html("def total(prices):\n    return 0  # none", Kind.PYTHON)
    sql = code_html("SELECT 'a' -- b", Kind.SQL)

    assert '<span class="k">def</span> <span class="f">total</span>' in python
    assert '<span class="c"># none</span>' in python
    assert sql == (
        '<span class="k">SELECT</span> <span class="s">&#39;a&#39;</span> '
        '<span class="c">-- b</span>'
    )


def test_each_test_is_a_link_target() -> None:
    html = module_html(MODULE, "d1-")

    assert shown(html) == MODULE
    assert re.findall(r'<span class="test" id="([^"]*)">', html) == ["d1-test_sum", "d1-test_empty"]
    first = html.partition('id="d1-test_sum">')[2].partition("\n</span>")[0]
    assert shown(first).startswith("    @unittest.skip\n    def test_sum")
    assert shown(first).rstrip().endswith("3)")


@pytest.mark.parametrize(
    "code", ["", "def broken(:", "\x00", "x = '\\d'", "(" * 3000, "a" * 70_000]
)
def test_unparsable_code_is_shown_unhighlighted(code: str) -> None:
    assert shown(module_html(code, "d1-")) == code


def test_a_very_long_code_is_not_coloured() -> None:
    assert "<span" not in code_html("return 1\n" * MAX_HIGHLIGHTED_CHARS, Kind.PYTHON)


def test_a_diff_is_coloured_and_escaped() -> None:
    html = diff_html("--- a.py\n+++ b.py\n@@ -1 +1 @@\n if a:\n-    b < 1\n+    b <= 1\n--- x\n")

    assert html == (
        '<span class="at">@@ -1 +1 @@</span>\n if a:\n<del>-    b &lt; 1</del>\n'
        "<ins>+    b &lt;= 1</ins>\n<del>--- x</del>"
    )


def test_a_diff_of_several_files_names_them() -> None:
    html = diff_html("--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n--- b\n+++ b\n@@ -1 +0,0 @@\n--- c")

    assert re.sub("<[^>]*>", "", html).split("\n") == [
        "a", "@@ -1 +1 @@", "-x", "+y", "b", "@@ -1 +0,0 @@", "--- c",
    ]  # fmt: skip
    assert html.count("<del>") == 2
