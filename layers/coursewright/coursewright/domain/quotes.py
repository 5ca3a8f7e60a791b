"""Finds quotes in a draft's text, ignoring differences in white space, tags and quotation marks."""

import re

from coursewright.domain.html_tokens import html_tokens

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
    pieces: list[tuple[str, bool]] = []
    example_depth = 0
    for token in html_tokens(html):
        example_depth = max(0, example_depth - (token.end in EXAMPLES))
        if token.text or (token.start or token.end) in BLOCKS:
            pieces.append((token.text or "\n", example_depth > 0))
        example_depth += token.start in EXAMPLES
    return pieces


def _find_part(letters: str, part: str) -> list[tuple[int, int]]:
    wanted = normalise_letters(part).strip("\"'")
    wanted = wanted.removesuffix(".") or wanted
    spans = []
    start = letters.find(wanted) if wanted else -1
    while start >= 0:
        spans.append((start, start + len(wanted)))
        start = letters.find(wanted, start + len(wanted))
    return spans


def _without_tags(html: str) -> str:
    return "".join(text for text, _ in html_pieces(html))
