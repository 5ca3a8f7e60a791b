"""Splits HTML into tags and text in one pass, however malformed it is.

`html.parser` needs quadratic time for unclosed tags and comments, and raises an error for character
references of more than 4,300 digits.
"""

import html
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

# Possessive quantifiers never backtrack.
_NAME = re.compile(r"[A-Za-z][^\s/>]*+")
_VALUE = r"""("[^"]*+"|'[^']*+'|[^\s>"']*+)"""
_ATTRIBUTE = re.compile(rf"[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+{_VALUE})?+")
_END = re.compile(r"[\s/]*+>")
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9A-Fa-f]{7,}+);?")
QUOTES = ('"', "'")
RAW_TEXT = frozenset({"script", "style", "title", "textarea", "iframe"})


class Token(NamedTuple):
    """A start tag with its attributes, an end tag, or a piece of text."""

    start: str = ""
    attributes: Mapping[str, str] = MappingProxyType({})
    end: str = ""
    text: str = ""


def unescape(text: str) -> str:
    """Return the text with its character references replaced."""
    return html.unescape(_LONG_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", text))


def html_tokens(source: str) -> Iterator[Token]:
    """Yield the tags and the text of HTML; the contents of scripts and styles are left out.

    As in browsers, a tag or comment that does not end extends to the end of the source.
    """
    place = 0
    while (begin := source.find("<", place)) >= 0:
        if begin > place:
            yield Token(text=unescape(source[place:begin]))
        token, place = _read_markup(source, begin)
        if token is not None:
            yield token
            if token.start in RAW_TEXT:
                place = _raw_text_end(source, place, token.start)
    if place < len(source):
        yield Token(text=unescape(source[place:]))


def _read_markup(source: str, begin: int) -> tuple[Token | None, int]:
    """Return the token that begins with a `<`, if any, and where it ends."""
    if source.startswith("<!--", begin):
        return None, _after(source, "-->", begin + 4)
    if source.startswith(("<!", "<?"), begin):
        return None, _after(source, ">", begin + 2)
    is_end = source.startswith("</", begin)
    name = _NAME.match(source, begin + 1 + is_end)
    if name is None:
        return Token(text="<"), begin + 1
    attributes, place = _read_attributes(source, name.end())
    if place is None:
        return None, len(source)
    tag = name[0].lower()
    return (Token(end=tag) if is_end else Token(start=tag, attributes=attributes)), place


def _read_attributes(source: str, place: int) -> tuple[dict[str, str], int | None]:
    """Return a tag's attributes and where the tag ends, None if it does not."""
    attributes: dict[str, str] = {}
    while (end := _END.match(source, place)) is None:
        attribute = _ATTRIBUTE.match(source, place)
        if attribute is None:
            return attributes, None
        value, place = attribute[2] or "", attribute.end()
        if not value and attribute[2] is not None and source.startswith(QUOTES, place):
            return attributes, None  # the quotation never ends
        plain = value[1:-1] if value.startswith(QUOTES) else value
        attributes.setdefault(attribute[1].lower(), unescape(plain))
    return attributes, end.end()


def _raw_text_end(source: str, place: int, tag: str) -> int:
    ending = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(source, place)
    return ending.start() if ending else len(source)


def _after(source: str, mark: str, place: int) -> int:
    start = source.find(mark, place)
    return len(source) if start < 0 else start + len(mark)
