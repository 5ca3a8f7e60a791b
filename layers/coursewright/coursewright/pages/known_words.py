"""Says again, in the current language, what the sandbox and the steps say in English.

Evidence and errors are stored and logged in English, also those of earlier releases; so they are
known by their words. What a program said itself (a trace, a value) stays as it is.
"""

import re
from functools import cache

from coursewright.markup.i18n import (
    N_,
    SOURCE_LANGUAGE,
    _,
    current_language,
    ngettext,
    nN_,
    plain_gettext,
)

ONE = (
    N_("The notes are longer than %(number)s characters."),
    N_("A reason is longer than %(number)s characters."),
    N_("All reasons together are longer than %(number)s characters."),
    N_("more than %(number)s characters"),
    N_("%(model)s cannot be called: %(reasons)s"),
    N_("it is disabled in the registry"),
    N_("it supports neither tool calling nor JSON mode"),
    N_("the package %(package)s is not installed; deploy with %(parameter)s=true"),
    N_("the package %(package)s is not installed"),
    N_("the address %(address)s has not been filled in"),
    N_("set %(name)s"),
    N_("AWS credentials and a region"),
    N_("There is nothing to export."),
    N_("a reviewer who was forgotten"),
)
NUMBERED = (nN_("You have %(num)s try left.", "You have %(num)s tries left."),)
GAP = re.compile(r"%\((\w+)\)s")


def said_again(text: str) -> str:
    """Say a text of ours in the current language; unknown texts stay as they are."""
    if current_language() == SOURCE_LANGUAGE:
        return text
    return _said_again(text)


def _said_again(text: str) -> str:
    if text and (said := plain_gettext(text)) != text:
        return said
    for one, many in NUMBERED:
        found = _pattern(one).fullmatch(text) or _pattern(many).fullmatch(text)
        if found:
            return ngettext(one, many, int(found["num"]))
    # The longest first: a gap may hold anything, so a short message could swallow a longer one.
    for message in sorted(ONE, key=len, reverse=True):
        if found := _pattern(message).fullmatch(text):
            return _(message, **_parts(found.groupdict()))
    return text


def _parts(found: dict[str, str]) -> dict[str, str]:
    if "reasons" not in found:
        return found
    reasons = re.split("; (?!deploy )", found["reasons"])  # which belongs to the reason before it
    return found | {"reasons": "; ".join(map(_said_again, reasons))}


@cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = GAP.split(message)
    known = [
        f"(?P<{part}>{r'\d+' if part == 'num' else '.+?'})" if at % 2 else _spaced(part)
        for at, part in enumerate(parts)
    ]
    return re.compile("".join(known), re.DOTALL)


def _spaced(part: str) -> str:
    return re.escape(part).replace(r"\ ", r"\s+")
