"""Translates pages and emails: whole sentences with named placeholders, from catalogues."""

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"  # the language of the source texts, which needs no catalogue
SUPPORTED_LANGUAGES = (SOURCE_LANGUAGE, "de", "ru")
MAX_ACCEPTED_LANGUAGES = 20

_current_language: ContextVar[str] = ContextVar("_current_language", default=SOURCE_LANGUAGE)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Run a block with the given language active, or English if it is not supported."""
    previous = _current_language.set(supported_language(language))
    try:
        yield
    finally:
        _current_language.reset(previous)


def current_language() -> str:
    """Return the active language as a value for HTML's `lang` attribute."""
    return _current_language.get()


def supported_language(language: str) -> str:
    """Return the supported language for a tag such as `de-AT`, or English if there is none."""
    primary = language.lower().replace("_", "-").partition("-")[0]
    return primary if primary in SUPPORTED_LANGUAGES else SOURCE_LANGUAGE


def preferred_language(accept_language: str) -> str:
    """Return the supported language that an `Accept-Language` header ranks highest."""
    entries = [
        entry.partition(";") for entry in accept_language.split(",")[:MAX_ACCEPTED_LANGUAGES]
    ]
    ranked = sorted(
        ((_weight(weight), tag.strip().lower().partition("-")[0]) for tag, _, weight in entries),
        key=lambda candidate: -candidate[0],
    )
    supported = (tag for weight, tag in ranked if weight > 0 and tag in SUPPORTED_LANGUAGES)
    return next(supported, SOURCE_LANGUAGE)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def plain_gettext(message: str) -> str:
    """Translate a message without filling its placeholders."""
    return _catalogue(current_language()).gettext(message)


def plain_ngettext(singular: str, plural: str, number: int) -> str:
    """Translate a message in a number's plural form, without filling its placeholders."""
    return _catalogue(current_language()).ngettext(singular, plural, number)


def plain_pgettext(context: str, message: str) -> str:
    """Translate an ambiguous message in its context, without filling its placeholders."""
    return _catalogue(current_language()).pgettext(context, message)


def plain_npgettext(context: str, singular: str, plural: str, number: int) -> str:
    """Translate an ambiguous message with a number, without filling its placeholders."""
    return _catalogue(current_language()).npgettext(context, singular, plural, number)


def _(message: str, /, **placeholders: object) -> str:
    """Translate a message and fill its placeholders."""
    return plain_gettext(message) % placeholders


def ngettext(singular: str, plural: str, number: int, /, **placeholders: object) -> str:
    """Translate a message in a number's plural form; the number fills the placeholder `num`."""
    return plain_ngettext(singular, plural, number) % {"num": number, **placeholders}


def pgettext(context: str, message: str, /, **placeholders: object) -> str:
    """Translate an ambiguous message in its context and fill its placeholders."""
    return plain_pgettext(context, message) % placeholders


def N_(message: str) -> str:  # noqa: N802 the name that every gettext tool knows
    """Mark a message for extraction; it is translated where it is used."""
    return message


def nN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 as above, for plurals
    """Mark a message with a number for extraction; it is translated where it is used."""
    return singular, plural


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return catalogues.NullTranslations()
    path = LOCALE / language / "LC_MESSAGES" / "coursewright.mo"
    with path.open("rb") as compiled:
        return catalogues.GNUTranslations(compiled)
