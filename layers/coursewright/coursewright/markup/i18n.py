"""The human language of a page or mail: whole sentences with named gaps, from catalogues."""

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"  # what the code is written in; it needs no catalogue
SPOKEN = (SOURCE, "de", "ru")
MAX_ACCEPTED_LANGUAGES = 20

_spoken: ContextVar[str] = ContextVar("_spoken", default=SOURCE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let everything inside be said in a language, or in English where we do not speak it."""
    before = _spoken.set(spoken_for(language))
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """Return the language that is spoken now, as the attribute `lang` has it."""
    return _spoken.get()


def spoken_for(language: str) -> str:
    """Return the language we speak for a wish such as `de-AT`."""
    wanted = language.lower().replace("_", "-").partition("-")[0]
    return wanted if wanted in SPOKEN else SOURCE


def preferred(accept_language: str) -> str:
    """Return the language we speak that a browser likes best."""
    wishes = [one.partition(";") for one in accept_language.split(",")[:MAX_ACCEPTED_LANGUAGES]]
    ranked = sorted(
        ((_weight(more), name.strip().lower().partition("-")[0]) for name, _, more in wishes),
        key=lambda wish: -wish[0],
    )
    return next((name for weight, name in ranked if weight > 0 and name in SPOKEN), SOURCE)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def plain_gettext(message: str) -> str:
    """Return a message in the spoken language, its gaps open."""
    return _catalogue(spoken()).gettext(message)


def plain_ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a message that goes with a number, its gaps open."""
    return _catalogue(spoken()).ngettext(one, many, number)


def plain_pgettext(context: str, message: str) -> str:
    """Return a message that has two meanings, its gaps open."""
    return _catalogue(spoken()).pgettext(context, message)


def plain_npgettext(context: str, one: str, many: str, number: int) -> str:
    """Return the form of a message with two meanings, its gaps open."""
    return _catalogue(spoken()).npgettext(context, one, many, number)


def _(message: str, /, **placeholders: object) -> str:
    """Say a message, its gaps filled."""
    return plain_gettext(message) % placeholders


def ngettext(one: str, many: str, number: int, /, **placeholders: object) -> str:
    """Say a message in the form that goes with a number, which fills the gap `num`."""
    return plain_ngettext(one, many, number) % {"num": number, **placeholders}


def pgettext(context: str, message: str, /, **placeholders: object) -> str:
    """Say a message that has two meanings, its gaps filled."""
    return plain_pgettext(context, message) % placeholders


def N_(message: str) -> str:  # noqa: N802 the name that every gettext tool knows
    """Mark a message that is said elsewhere."""
    return message


def nN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 as above, for numbers
    """Mark a message with a number that is said elsewhere."""
    return one, many


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    if language == SOURCE:
        return catalogues.NullTranslations()
    path = LOCALE / language / "LC_MESSAGES" / "coursewright.mo"
    with path.open("rb") as compiled:
        return catalogues.GNUTranslations(compiled)
