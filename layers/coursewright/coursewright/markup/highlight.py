"""Marks in a task's text the words that each test checks."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from itertools import groupby

from coursewright.verification.requirements.requirement_coverage import places_in, squeezed

MAX_OCCURRENCES = 20  # of one quote; what stands everywhere needs no more marks
MAX_NESTED_HIGHLIGHTS = (
    5  # around the same words: each of a hundred would be written at each one's borders
)
# Of what nh3 gives out: it escapes every `<` of a text and quotes every attribute.
PIECE = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
MAX_QUOTE_CHARS = 4_096
CACHE_SIZE = 128  # texts with their marks: a reviewer's clicks show the same ones again and again
UNIT = re.compile(r"&(?:#?\w+);|.", re.DOTALL)


def marked(clean: str, quotes: Sequence[str]) -> str:
    """Put `<mark>` around each quote in sanitised HTML; the n-th quote begins at the id `pn`."""
    return _marked(clean, tuple(quotes))


@lru_cache(CACHE_SIZE)
def _marked(clean: str, quotes: tuple[str, ...]) -> str:
    pieces = [_units(piece) for piece in PIECE.split(clean)]
    letters, owners = _letters(pieces)
    spoken: dict[tuple[int, int], list[int]] = {}
    for number, quote in enumerate(quotes, start=1):
        for start, end in places_in(letters, quote)[:MAX_OCCURRENCES]:
            for place in _between(pieces, owners[start], owners[end - 1]):
                numbers = spoken.setdefault(place, [])
                has_room = len(numbers) < MAX_NESTED_HIGHLIGHTS or place == owners[start]
                if has_room and number not in numbers:
                    numbers.append(number)
    return _Writer(spoken, pieces).html()


class _Writer:
    """Writes the pieces anew, with marks."""

    def __init__(self, spoken: dict[tuple[int, int], list[int]], pieces: list[list[str]]) -> None:
        self._spoken = spoken
        self._pieces = pieces
        self._met: set[int] = set()
        self._last = {number: place for place in sorted(spoken) for number in spoken[place]}

    def html(self) -> str:
        return "".join(self._piece(at, units) for at, units in enumerate(self._pieces))

    def _piece(self, at: int, units: list[str]) -> str:
        runs = groupby(range(len(units)), key=lambda unit: self._spoken.get((at, unit), ()))
        return "".join(self._run(at, list(run), units, tuple(numbers)) for numbers, run in runs)

    def _run(self, at: int, run: list[int], units: list[str], numbers: tuple[int, ...]) -> str:
        words = "".join(units[unit] for unit in run)
        if not words.strip():
            return words
        for number in sorted(numbers):
            first = "" if number in self._met else f' id="p{number}"'
            last = f' data-n="{number}"' if self._last[number] == (at, run[-1]) else ""
            self._met.add(number)
            words = f'<mark class="p{number}"{first}{last}>{words}</mark>'
        return words


def _units(piece: str) -> list[str]:
    return [piece] if piece.startswith("<") else UNIT.findall(piece)


def _letters(pieces: list[list[str]]) -> tuple[str, list[tuple[int, int]]]:
    """Return the letters of a text, and for each the piece and unit where it stands."""
    letters: list[str] = []
    owners: list[tuple[int, int]] = []
    for at, units in enumerate(pieces):
        if units and units[0].startswith("<"):
            continue
        for number, unit in enumerate(units):
            found = _letter(unit)
            letters.append(found)
            owners += [(at, number)] * len(found)
    return "".join(letters), owners


@lru_cache(MAX_QUOTE_CHARS)
def _letter(unit: str) -> str:
    return squeezed(unescape(unit))


def _between(
    pieces: list[list[str]], start: tuple[int, int], end: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Return every unit of text from one to another, white space as well."""
    for at in range(start[0], end[0] + 1):
        units = pieces[at]
        if units and not units[0].startswith("<"):
            first = start[1] if at == start[0] else 0
            last = end[1] if at == end[0] else len(units) - 1
            yield from ((at, unit) for unit in range(first, last + 1))
