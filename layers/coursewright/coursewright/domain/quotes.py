"""Finds quotes in a draft's text, ignoring differences in white space, tags and quotation marks."""

import re
from html.parser import HTMLParser

ELLIPSIS = re.compile(r"…|\.\.\.")
TYPOGRAPHY = str.maketrans("“”„«»‘’‚–—−", '""""' + '"' + "'''---")
BLOCK_TAGS = "p div li ul ol dl dt dd table tr caption h1 h2 h3 h4 h5 h6 br hr pre"
BLOCKS = frozenset(BLOCK_TAGS.split())
EXAMPLES = {"pre", "table"}


def find_quote(letters: str, quote: str) -> list[tuple[int, int]]:
    """Return where a quote occurs in normalised text; an ellipsis stands for omitted words."""
    for candidate in (quote, _without_tags(quote)):
        parts = [part for part in ELLIPSIS.split(candidate) if normalise_letters(part)]
        spans = [_find_part(letters, part) for part in parts]
        if spans and all(spans):
            return [span for part_spans in spans for span in part_spans]
    return []


def normalise_letters(text: str) -> str:
    """Return text normalised for comparison: no white space, no case, plain quotation marks."""
    return "".join(text.translate(TYPOGRAPHY).split()).casefold()


def html_pieces(html: str) -> list[tuple[str, bool]]:
    """Return the text of HTML in pieces, each with whether it is an example; blocks end lines."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.pieces


def _find_part(letters: str, part: str) -> list[tuple[int, int]]:
    wanted = normalise_letters(part).strip("\"'")
    wanted = wanted.removesuffix(".") or wanted
    starts = [match.start() for match in re.finditer(re.escape(wanted), letters)]
    return [(start, start + len(wanted)) for start in starts] if wanted else []


def _without_tags(html: str) -> str:
    return "".join(text for text, _ in html_pieces(html))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, bool]] = []
        self._example_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break_line(tag)
        self._example_depth += tag in EXAMPLES

    def handle_endtag(self, tag: str) -> None:
        self._example_depth = max(0, self._example_depth - (tag in EXAMPLES))
        self._break_line(tag)

    def handle_data(self, data: str) -> None:
        self.pieces.append((data, self._example_depth > 0))

    def _break_line(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append(("\n", self._example_depth > 0))
