"""A title is a single line without invisible formatting, and never a link in an email."""

import re

import pytest

from coursewright.agents.schemas import PythonAssignment
from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import parse_module_published
from coursewright.domain.problems import ProblemCode
from coursewright.domain.title import clean_title
from coursewright.markup.formatting import unlinked
from tests.unit.domain.test_lesson import changed

BAD = {
    "a line break": "Loops\nBcc: eve@evil.example",
    "a line separator": "Loops\u2028and more",
    "an escape sequence": "Loops\x1b[2J",
    "a C1 control": "Loops\x9b",
    "a right-to-left override": "Loops \u202egnp.exe",
    "an embedding": "\u202aLoops",
    "an isolate": "Loops\u2066",
    "only white space": " \t ",
}
LINKS = (
    *("example.com", "www.example.com/x?y=1", "https://evil.example", "http://127.0.0.1/a"),
    *("ada@example.edu", "mailto:ada@example.edu", "see evil.example.", "evil。example", "a.b.c"),
)
# As in linkify-it and Gmail: a name with a dot before letters, a scheme, or an address.
LINKED = re.compile(r"[\w-][.。．｡][^\W\d]|\w+:/|://|[\w.]@\w|mailto:\w|\.com/\w")


@pytest.mark.parametrize("path", ["detail.course.title", "detail.module.title"])
@pytest.mark.parametrize("title", BAD.values(), ids=BAD)
def test_a_title_that_is_not_plain_is_refused(path: str, title: str) -> None:
    with pytest.raises(EventInvalid) as caught:
        parse_module_published(changed(path, title))

    assert caught.value.field == path
    assert caught.value.code is ProblemCode.TITLE_INVALID


@pytest.mark.parametrize("title", ["Schleifen – Teil 2", "حلقات\u200f!", "Циклы", "C++ & Go: <T>"])
def test_titles_in_any_script_are_accepted(title: str) -> None:
    published = parse_module_published(changed("detail.module.title", title))

    assert published.module.title == clean_title(title) == title


def test_a_models_title_is_cleaned_rather_than_paid_for_again() -> None:
    item = PythonAssignment(
        name="Count\n\u202eeven\u202c  numbers\x07", text="Write it.", difficulty=1
    )

    assert item.name == "Count even numbers"


@pytest.mark.parametrize("title", LINKS)
def test_a_title_that_looks_like_a_link_remains_text(title: str) -> None:
    shown = unlinked(title)

    assert LINKED.search(title)
    assert not LINKED.search(shown)
    assert shown.replace("\u2060", "") == title
    assert unlinked(shown) == shown


@pytest.mark.parametrize(
    "title", ["Python 3.13", "Loops. And more: one/two?", "1.5 points", "Why?"]
)
def test_numbers_and_sentences_keep_their_points(title: str) -> None:
    assert unlinked(title).replace("one/\u2060two", "one/two") == title
