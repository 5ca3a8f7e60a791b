"""Writes XML so that a parser gives back the very same text."""

import re
from xml.sax.saxutils import escape, quoteattr

from coursewright.domain.errors import ExportImpossible

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: str, **attributes: str) -> str:
    """Return an element around XML that is written already."""
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{written}>{''.join(children)}</{tag}>"


def field(tag: str, text: str, **attributes: str) -> str:
    """Return an element that holds a text. Raises: ExportImpossible."""
    return element(tag, written(text, tag), **attributes)


def wrapped(tag: str, text: str, **attributes: str) -> str:
    """Return an element that holds a text the way Moodle wraps it. Raises: ExportImpossible."""
    return element(tag, element("text", written(text, tag)), **attributes)


def written(text: str, place: str) -> str:
    """Escape a text. Raises: ExportImpossible names the character that XML cannot carry."""
    if found := FORBIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        code = f"U+{ord(found.group()):04X}"
        raise ExportImpossible(f"its {place} holds {code} in line {line}, which XML cannot carry")
    # A parser would turn a bare carriage return into a line feed.
    return escape(text, {"\r": "&#13;"})
