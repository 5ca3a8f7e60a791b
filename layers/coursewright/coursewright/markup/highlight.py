"""Highlights the phrases that each test checks in a task's text."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from itertools import groupby

from coursewright.domain.quotes import find_quote, normalise_letters

MAX_OCCURRENCES = 20  # per quote; a ubiquitous phrase needs no more highlights
MAX_NESTED_HIGHLIGHTS = 5  # per character, because overlapping quotes multiply the tags
# Splits the output of nh3, which escapes every `<` in text and quotes every attribute.
TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
NORMALIZED_CHARACTERS_CACHE_SIZE = 4_096
CACHE_SIZE = 128  # highlighted texts; a reviewer's clicks display the same ones repeatedly
CHARACTER = re.compile(r"&(?:#?\w+);|.", re.DOTALL)

Position = tuple[int, int]  # the index of a segment, and of a character within it


def highlight_quotes(clean: str, quotes: Sequence[str]) -> str:
    """Highlight each quote in sanitised HTML with `<mark>`; the first mark of quote n has id `pn`.

    A segment is a tag or the text between two tags; a character entity counts as one character.
    """
    return _highlight_quotes(clean, tuple(quotes))


@lru_cache(CACHE_SIZE)
def _highlight_quotes(clean: str, quotes: tuple[str, ...]) -> str:
    segments = [_characters(segment) for segment in TAG.split(clean)]
    text, positions = _normalized_text(segments)
    highlights: dict[Position, list[int]] = {}
    for number, quote in enumerate(quotes, start=1):
        for start, end in find_quote(text, quote)[:MAX_OCCURRENCES]:
            first, last = positions[start], positions[end - 1]
            for position in _positions_between(segments, first, last):
                numbers = highlights.setdefault(position, [])
                is_allowed = len(numbers) < MAX_NESTED_HIGHLIGHTS or position == first
                if is_allowed and number not in numbers:
                    numbers.append(number)
    return _HighlightWriter(highlights, segments).html()


class _HighlightWriter:
    """Rejoins the segments, with `<mark>` elements around highlighted characters."""

    def __init__(self, highlights: dict[Position, list[int]], segments: list[list[str]]) -> None:
        self._highlights = highlights
        self._segments = segments
        self._opened: set[int] = set()
        self._last = {
            number: position for position in sorted(highlights) for number in highlights[position]
        }

    def html(self) -> str:
        return "".join(
            self._segment_html(index, characters) for index, characters in enumerate(self._segments)
        )

    def _segment_html(self, index: int, characters: list[str]) -> str:
        runs = groupby(
            range(len(characters)), key=lambda offset: self._highlights.get((index, offset), ())
        )
        return "".join(
            self._run_html(index, list(run), characters, tuple(numbers)) for numbers, run in runs
        )

    def _run_html(
        self, index: int, run: list[int], characters: list[str], numbers: tuple[int, ...]
    ) -> str:
        html = "".join(characters[offset] for offset in run)
        if not html.strip():
            return html
        for number in sorted(numbers):
            first = "" if number in self._opened else f' id="p{number}"'
            last = f' data-n="{number}"' if self._last[number] == (index, run[-1]) else ""
            self._opened.add(number)
            html = f'<mark class="p{number}"{first}{last}>{html}</mark>'
        return html


def _characters(segment: str) -> list[str]:
    return [segment] if segment.startswith("<") else CHARACTER.findall(segment)


def _is_text(segment: list[str]) -> bool:
    return bool(segment) and not segment[0].startswith("<")


def _normalized_text(segments: list[list[str]]) -> tuple[str, list[Position]]:
    """Return the text normalised for comparing quotes, and the position of each character."""
    letters: list[str] = []
    positions: list[Position] = []
    for index, segment in enumerate(segments):
        if not _is_text(segment):
            continue
        for offset, character in enumerate(segment):
            normalized = _normalize(character)
            letters.append(normalized)
            positions += [(index, offset)] * len(normalized)
    return "".join(letters), positions


@lru_cache(NORMALIZED_CHARACTERS_CACHE_SIZE)
def _normalize(character: str) -> str:
    return normalise_letters(unescape(character))


def _positions_between(
    segments: list[list[str]], start: Position, end: Position
) -> Iterator[Position]:
    """Yield the position of every text character from start to end, including white space."""
    for index in range(start[0], end[0] + 1):
        segment = segments[index]
        if _is_text(segment):
            first = start[1] if index == start[0] else 0
            last = end[1] if index == end[0] else len(segment) - 1
            yield from ((index, offset) for offset in range(first, last + 1))
