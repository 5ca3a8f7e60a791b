"""Catalogues are complete, and dates, numbers and languages are handled correctly."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.dates import get_day_names, get_month_names
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from coursewright.markup import formatting
from coursewright.markup.i18n import (
    SUPPORTED_LANGUAGES,
    _,
    current_language,
    ngettext,
    preferred_language,
    supported_language,
    use_language,
)
from local import messages

TRANSLATED = messages.translated()
NOON = datetime(2026, 11, 25, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_contains_exactly_the_extracted_messages(language: str) -> None:
    extracted = {(message.context, message.id) for message in messages.extracted() if message.id}

    catalogued = {
        (message.context, message.id) for message in messages.stored(language) if message.id
    }

    assert extracted - catalogued == set(), "run `make messages`"
    assert catalogued - extracted == set(), "run `make messages`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete_and_keeps_every_placeholder(language: str) -> None:
    faults = list(messages.faults(messages.stored(language)))

    assert faults == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_matches_the_translations(language: str) -> None:
    compiled = messages.po_path(language).with_suffix(".mo").read_bytes()

    assert compiled == messages.compiled(messages.stored(language)), "run `make messages`"


def test_missing_translations_and_placeholders_are_reported() -> None:
    catalogue = Catalog(locale="ru")
    catalogue.add("Nothing", "")
    catalogue.add("%(name)s waits", "ждёт", flags=["python-format"])
    catalogue.add(("%(num)s day", "%(num)s days"), ("%(num)s день", "%(num)s дня", ""))

    faults = list(messages.faults(catalogue))

    assert len(faults) == 3


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (0, "черновиков"),
        (1, "черновик"),
        (2, "черновика"),
        (4, "черновика"),
        (5, "черновиков"),
        (11, "черновиков"),
        (12, "черновиков"),
        (14, "черновиков"),
        (21, "черновик"),
        (22, "черновика"),
        (25, "черновиков"),
        (101, "черновик"),
        (111, "черновиков"),
        (112, "черновиков"),
    ],
)
def test_russian_has_three_plural_forms(number: int, form: str) -> None:
    with use_language("ru"):
        assert formatting.count(number, "draft") == f"{number} {form}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_names_of_days_and_months_match_the_common_locale_data(language: str) -> None:
    months = get_month_names("abbreviated", locale=language)
    alone = get_month_names("wide", "stand-alone", locale=language)
    weekdays = get_day_names("abbreviated", locale=language)

    with use_language(language):
        for number in range(1, 13):
            assert formatting.day(datetime(2026, number, 3, tzinfo=UTC)).endswith(months[number])
            assert formatting.month_name(f"2026-{number:02}").startswith(alone[number])
        for ahead in range(7):
            day = NOON + timedelta(days=ahead)
            assert formatting.moment(day).startswith(weekdays[day.weekday()].rstrip("."))


@pytest.mark.parametrize(
    ("language", "moment", "price"),
    [
        ("en", "Wed 25 Nov 2026, 12:05 UTC", "$0.0215"),
        ("de", "Mi., 25. Nov. 2026, 12:05 Uhr UTC", "0,0215 $"),
        ("ru", "ср, 25 нояб. 2026 г., 12:05 UTC", "0,0215 $"),
    ],
)
def test_dates_and_money_follow_local_conventions(language: str, moment: str, price: str) -> None:
    with use_language(language):
        formatted = (
            formatting.moment(NOON),
            formatting.money(21_500).replace("\N{NO-BREAK SPACE}", " "),
        )

    assert formatted == (moment, price)


@pytest.mark.parametrize(
    ("requested", "language"),
    [("de", "de"), ("de-AT", "de"), ("ru-RU", "ru"), ("RU", "ru"), ("fr", "en"), ("", "en")],
)
def test_an_unsupported_language_falls_back_to_english(requested: str, language: str) -> None:
    with use_language(requested):
        assert current_language() == language

    assert supported_language(requested) == language
    assert current_language() == "en"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, ru;q=0.9", "ru"),
        ("fr, es;q=0.9", "en"),
        ("ru;q=0, de;q=0.1", "de"),
        ("*", "en"),
        ("de;q=nonsense, ru", "ru"),
        ("ru;q=nan, de", "de"),
    ],
)
def test_a_browser_gets_its_preferred_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language


@given(st.text(max_size=200))
def test_any_accept_language_header_selects_a_supported_language(accepted: str) -> None:
    assert preferred_language(accepted) in SUPPORTED_LANGUAGES


@given(st.text(max_size=12))
def test_any_language_of_a_brief_yields_text(requested: str) -> None:
    with use_language(requested):
        assert "7" in ngettext("%(num)s draft", "%(num)s drafts", 7)
        assert _("Nothing was started")


def test_no_english_is_left_in_the_russian_catalogue() -> None:
    letters = re.compile(r"%\(\w+\)s|<[^>]*>|https?://\S+")

    for message in messages.stored("ru"):
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        for string in strings if message.id else ():
            plain = letters.sub("", string or "")
            has_words = len(re.findall(r"[A-Za-z]{4,}", letters.sub("", str(message.id)))) > 2
            assert not has_words or re.search("[а-яё]", plain), message.id


def test_babel_is_not_deployed() -> None:
    layers = (messages.PACKAGE.parents[1]).glob("*/requirements.txt")

    assert [layer for layer in layers if "babel" in layer.read_text("utf-8")] == []
