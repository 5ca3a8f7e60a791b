"""Scenario 63: 200 KB of the worst input in a public field takes time that grows linearly."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from coursewright.domain.address import parse_address
from coursewright.domain.allowed_html import removed_markup
from coursewright.domain.errors import EventInvalid
from coursewright.domain.html_tokens import html_tokens
from coursewright.domain.lesson import parse_module_published, require_lesson_text
from coursewright.domain.prompt_injection import count_injections
from coursewright.domain.quotes import find_quote, html_pieces, normalise_letters
from coursewright.domain.title import clean_title
from coursewright.exports.markdown import escape_markdown, markdown
from coursewright.exports.names import slug
from coursewright.markup import highlight
from coursewright.markup.formatting import one_line, unlinked
from coursewright.markup.highlight import highlight_quotes
from coursewright.markup.i18n import preferred_language
from coursewright.markup.sanitise import clean_html
from coursewright.pages import frame_heights
from coursewright.pages.diffs import prose_diff_html
from coursewright.pages.frame_heights import height_classes
from coursewright.verification.near_duplicates import shingles
from coursewright.verification.sql.dialects import dialect_differences_in_text
from coursewright.verification.sql.query_reader import _without_parentheses
from coursewright.web.http import parse_request
from tests.growth import grows_linearly
from tests.unit.domain.test_lesson import changed
from tests.unit.review.builders import http_event

SIZE = 200_000
HTML = {
    "unclosed tags": "<a",
    "an unclosed quotation": "<a b='",
    "unclosed quotations": "<a b=\"' ",
    "less-than signs": "<",
    "open comments": "<!--",
    "declarations": "<!",
    "closed and open comments": "<!----><!--",
    "nested blocks": "<div>",
    "nested lists": "<ul><li>",
    "formatting closed in another order": "<b>1</i>",
    "tables with text": "<table>x",
    "ampersands": "&",
    "ampersands and text": "& x",
    "character references": "&#9",
    "scripts": "<script>",
    "ends of scripts": "<script></scrip",
    "code": "<code>",
    "attributes": "<p a=1",
    "quotations": '"',
    "embedded documents": "<svg><math>",
    "white space": " ",
    "line breaks": "\n \n",
    "nulls": "\0",
}
TEXTS = HTML | {
    "combining marks": "\u0316\u0301",
    "dots": ".",
    "at signs": "@",
    "digits": "9",
    "commas": ",",
    "back-ticks": "`",
    "brackets": "[",
    "parentheses": "(",
    "commands": "ignore ",
    "dear": "dear ",
    "attributes without tags": 'alt="',
    "data attributes": "data-",
    "hashes": "#",
    "surrogates": "\ud800",
    "words": "ab ",
    "slashes": "/",
    "numbers with points": "1.",
}
ONCE = {  # a beginning that makes the rest expensive
    "a long number": ("&#", "9"),
    "a long address": ("a@", "."),
    "an attribute list": ("<p", " a=1"),
    "names of attributes": ("<p", " a"),
    "one open tag": ("<p ", "x"),
    "one open comment": ("<!--", "-"),
    "one open script": ("<script>", "</script"),
    "a marked letter": ("a", "\u0316\u0301"),
}


def _html_fields() -> dict[str, Callable[[str], object]]:
    return {
        "tokens": lambda text: list(html_tokens(text)),
        "removed markup": removed_markup,
        "cleaned": _uncached(clean_html),
        "markdown": _uncached(markdown),
        "pieces": html_pieces,
        "height": _uncached(lambda text: height_classes([text])),
        "shingles": shingles,
        "code in a text": dialect_differences_in_text,
        "lesson": _lesson,
        "prompt injections": count_injections,
        "highlighted": _uncached(lambda text: highlight_quotes(clean_html(text), ["aaa", "b"])),
    }


def _text_fields() -> dict[str, Callable[[str], object]]:
    return {
        "address": _quietly(parse_address),
        "title": clean_title,
        "title in an email": unlinked,
        "one line": one_line,
        "escaped": escape_markdown,
        "file name": slug,
        "quote": lambda text: find_quote("ab" * 1_000, text),
        "letters": normalise_letters,
        "query": _without_parentheses,
        "languages": preferred_language,
        "diff": lambda text: prose_diff_html(text, text + "x"),
        "event": _event,
        "urlencoded form": lambda text: _form("application/x-www-form-urlencoded", text),
        "fields": lambda text: _form("application/x-www-form-urlencoded", text.replace(" ", "&")),
        "multipart form": lambda text: _form("multipart/form-data; boundary=b", text),
        "content type": lambda text: _form(f"multipart/form-data; boundary={text}", "x"),
        "cookies": lambda text: _request(cookies=[text]),
        "headers": lambda text: _request(headers={"accept-language": text, "cookie": text}),
        "query string": lambda text: _request(queryStringParameters={"requested": text}),
        "path": lambda text: _request(pathParameters={"generation": text, "round": text}),
    }


def _uncached(work: Callable[[str], object]) -> Callable[[str], object]:
    def run(text: str) -> object:
        for cached in (clean_html, highlight._highlight_quotes, frame_heights._height_rem):
            cached.cache_clear()
        return work(text)

    return run


def _quietly(work: Callable[[str], object]) -> Callable[[str], object]:
    def run(text: str) -> object:
        try:
            return work(text)
        except ValueError:
            return None

    return run


def _lesson(text: str) -> None:
    try:
        require_lesson_text(text, "detail.module.html")
    except EventInvalid:
        return


def _event(text: str) -> None:
    for path in ("course.id", "course.title", "module.title", "brief.language", "reviewers"):
        value = [text] if path == "reviewers" else text
        with pytest.raises(EventInvalid):
            parse_module_published(changed(f"detail.{path}", value))


def _request(**changes: Any) -> object:
    event = http_event("POST", {}, "") | {"routeKey": "POST /authoring/generations"}
    return parse_request(event | changes, public_url="https://review.example.edu")


def _form(content_type: str, text: str) -> object:
    body = base64.b64encode(text.encode(errors="replace")).decode()
    return _request(headers={"content-type": content_type}, body=body, isBase64Encoded=True)


def repeated(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit))


def begun(first: str, unit: str) -> Callable[[int], str]:
    return lambda size: first + unit * (size // len(unit))


FIELDS = _html_fields() | _text_fields()
WORST = {name: repeated(unit) for name, unit in TEXTS.items()} | {
    name: begun(*parts) for name, parts in ONCE.items()
}


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
def test_scenario_63_the_worst_200_kb_in_a_field_take_linear_time(field: str) -> None:
    slow = []
    for name, make in WORST.items():
        text = {size: make(size) for size in (SIZE // 2, SIZE)}
        if not grows_linearly(partial(_read, FIELDS[field], text), SIZE):
            slow.append(name)

    assert slow == []


def _read(read: Callable[[str], object], text: dict[int, str], size: int) -> object:
    return read(text[size])
