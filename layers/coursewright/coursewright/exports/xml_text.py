"""Writes XML from which parsers read back exactly the same text."""

import re
from xml.sax.saxutils import escape, quoteattr

from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export_problem import ExportProblemCode

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: str, **attributes: str) -> str:
    """Return an element that contains children already in XML."""
    attribute_text = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{attribute_text}>{''.join(children)}</{tag}>"


def text_element(tag: str, text: str, **attributes: str) -> str:
    """Return an element containing text. Raises: ExportImpossible."""
    return element(tag, escape_text(text, tag), **attributes)


def nested_text_element(tag: str, text: str, **attributes: str) -> str:
    """Return an element with the text in a `text` child, as in Moodle. Raises: ExportImpossible."""
    return element(tag, element("text", escape_text(text, tag)), **attributes)


def escape_text(text: str, tag: str) -> str:
    """Escape text for XML. Raises: ExportImpossible, naming a character that is not allowed."""
    if forbidden := FORBIDDEN.search(text):
        line = text.count("\n", 0, forbidden.start()) + 1
        raise ExportImpossible.because(
            ExportProblemCode.CHARACTER_FORBIDDEN,
            line=line,
            part=tag,
            character=f"U+{ord(forbidden.group()):04X}",
        )
    # A parser would turn a bare carriage return into a line feed.
    return escape(text, {"\r": "&#13;"})
