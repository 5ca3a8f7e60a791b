"""Formats numbers, dates and durations for people, in the current language."""

import re
from collections.abc import Iterable
from datetime import datetime
from textwrap import fill

from coursewright.domain.review import Decision, Review, display_name
from coursewright.domain.statistics import Share
from coursewright.markup.i18n import _, ngettext, nN_, pgettext

MAX_LINE_CHARS = 160
# Includes the full stops that browsers accept in place of a dot.
LINK_SEPARATOR = re.compile(r"(?!(?<=[0-9])\.[0-9])[.:/@\u3002\uff0e\uff61](?=[^\s\u2060])")
MAX_EMAIL_LINE_CHARS = 76  # of an email's plain text part
NOUNS = {
    "assignment": nN_("%(num)s assignment", "%(num)s assignments"),
    "dataset": nN_("%(num)s dataset", "%(num)s datasets"),
    "draft": nN_("%(num)s draft", "%(num)s drafts"),
    "model": nN_("%(num)s model", "%(num)s models"),
    "model call": nN_("%(num)s model call", "%(num)s model calls"),
    "task": nN_("%(num)s task", "%(num)s tasks"),
    "test": nN_("%(num)s test", "%(num)s tests"),
}


def day(moment: datetime) -> str:
    """Return a date without the year, for a subject line: `25 Nov`."""
    return _("%(day)s %(month)s", day=moment.day, month=_short_month(moment.month))


def moment(at: datetime) -> str:
    """Return a date and time with the time zone: `Wed 25 Nov 2026, 19:04 UTC`."""
    return _(
        "%(weekday)s %(day)s %(month)s %(year)s, %(time)s %(zone)s",
        weekday=_short_weekday(at.weekday()),
        day=at.day,
        month=_short_month(at.month),
        year=at.year,
        time=f"{at:%H:%M}",
        zone=at.tzname() or "",
    ).strip()


def month_name(month: str) -> str:
    """Return a month such as `2026-11` as a heading: `November 2026`."""
    year, _dash, number = month.partition("-")
    return _("%(month)s %(year)s", month=_long_month(int(number)), year=year)


def money(micros: int | None) -> str:
    """Return an amount given in micro-dollars as dollars, with a useful number of digits."""
    if micros is None:
        return pgettext("price", "unknown")
    dollars = micros / 1_000_000
    digits = 2 if dollars >= 0.1 or micros == 0 else 4
    return _("$%(amount)s", amount=decimal(dollars, digits))


def price(dollars: float) -> str:
    """Return a price per million tokens in dollars."""
    return _("$%(amount)s", amount=decimal(dollars, 2))


def decimal(number: float, digits: int) -> str:
    """Return a number with the given number of digits after the decimal separator."""
    return f"{number:.{digits}f}".replace(".", pgettext("decimal separator", "."))


def grouped_digits(number: int) -> str:
    """Return an integer with thousands separators."""
    return f"{number:,}".replace(",", pgettext("thousands separator", ","))


def seconds(number: float) -> str:
    """Return a duration in seconds, or in minutes if it is long."""
    if number >= 90:
        return _("%(number)s min", number=f"{number / 60:.0f}")
    return _("%(number)s s", number=decimal(number, 1 if number < 10 else 0))


def percent(part: float) -> str:
    """Return a fraction as a whole percentage."""
    return _("%(number)s%%", number=f"{part * 100:.0f}")


def share_with_interval(share: Share) -> str:
    """Return a count with its confidence interval: `4 of 5 (38–96%)`."""
    if not share.of:
        return "–"
    return _(
        "%(count)s of %(of)s (%(low)s–%(high)s%%)",
        count=share.count,
        of=share.of,
        low=f"{share.low * 100:.0f}",
        high=f"{share.high * 100:.0f}",
    )


def count(number: int, noun: str) -> str:
    """Return a number with its noun in the correct plural form."""
    return ngettext(*NOUNS[noun], number)


def comma_list(names: Iterable[str]) -> str:
    """Return the names separated by commas."""
    return ", ".join(names)


def model_name(model: str) -> str:
    """Return a model's name without its provider."""
    return model.partition(":")[2] or model


def reviewer_name(review: Review, name: str) -> str:
    """Return a reviewer's address, or that the reviewer was erased."""
    address = display_name(review, name)
    return _("a deleted reviewer") if address is None else address


def decision_line(review: Review) -> str:
    """Return a sentence saying who decided what, and when."""
    placeholders = {
        "who": reviewer_name(review, review.decided_by),
        "when": moment(review.decided_at or review.expires_at),
    }
    match review.decision:
        case Decision.APPROVED:
            return _("%(who)s approved drafts for publication on %(when)s.", **placeholders)
        case Decision.CHANGES_REQUESTED:
            return _("%(who)s requested changes on %(when)s.", **placeholders)
        case Decision.REJECTED:
            return _("%(who)s rejected all drafts on %(when)s.", **placeholders)
        case Decision.EXPIRED:
            return _("No decision was made in time.")
        case _:
            return _("No decision has been made yet.")


def one_line(text: str) -> str:
    """Return the text as one truncated line, so that it cannot imitate the rest of an email."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_LINE_CHARS else f"{flat[: MAX_LINE_CHARS - 1]}…"


def unlinked(text: str) -> str:
    """Return the text, with the same appearance, such that mail programs and chats add no links.

    They turn names like example.com and ada@example.com into links by themselves; an invisible word
    joiner after each separator breaks the name. Decimal points stay as they are.
    """
    return LINK_SEPARATOR.sub("\\g<0>\N{WORD JOINER}", text)


def wrap_lines(text: str) -> str:
    """Wrap a paragraph of a plain text email without breaking links or long words."""
    return fill(text, width=MAX_EMAIL_LINE_CHARS, break_long_words=False, break_on_hyphens=False)


def _short_weekday(number: int) -> str:
    names = (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
    return names[number]


def _short_month(number: int) -> str:
    names = (
        pgettext("month after a day", "Jan"),
        pgettext("month after a day", "Feb"),
        pgettext("month after a day", "Mar"),
        pgettext("month after a day", "Apr"),
        pgettext("month after a day", "May"),
        pgettext("month after a day", "Jun"),
        pgettext("month after a day", "Jul"),
        pgettext("month after a day", "Aug"),
        pgettext("month after a day", "Sep"),
        pgettext("month after a day", "Oct"),
        pgettext("month after a day", "Nov"),
        pgettext("month after a day", "Dec"),
    )
    return names[number - 1]


def _long_month(number: int) -> str:
    names = (
        pgettext("month alone", "January"),
        pgettext("month alone", "February"),
        pgettext("month alone", "March"),
        pgettext("month alone", "April"),
        pgettext("month alone", "May"),
        pgettext("month alone", "June"),
        pgettext("month alone", "July"),
        pgettext("month alone", "August"),
        pgettext("month alone", "September"),
        pgettext("month alone", "October"),
        pgettext("month alone", "November"),
        pgettext("month alone", "December"),
    )
    return names[number - 1]
