"""Holds what a draft's tests requirement to check against the words of its text."""

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import Any

from coursewright.domain.assignment import Draft, DraftTests, Requirement
from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.verification.rejections import Fault, Reason, ReasonCode, Verdict, reason

MAX_LISTED_NAMES = 10
MIN_OVERLAP_CHARS = 8  # letters that a quote and a sentence must share to speak of the same
TEST = re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*\(", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
ELLIPSIS = re.compile(r"…|\.\.\.")
ALIKE = str.maketrans("“”„«»‘’‚–—−", '""""' + '"' + "'''---")
BLOCK_TAGS = "p div li ul ol dl dt dd table tr caption h1 h2 h3 h4 h5 h6 br hr pre"
BLOCKS = frozenset(BLOCK_TAGS.split())
EXAMPLES = {"pre", "table"}
# Words by which a sentence demands something, in the languages that courses are often written in.
DEMANDS = re.compile(
    r"\b(?:must|should|shall|has to|have to|needs? to|return\w*|raise\w*|write|gives?|shows?|"
    r"contains?|sorted|sort|order(?:ed)? by|round\w*|counts?|print\w*|at least|at most|"
    r"exactly|only|ignor\w*|never|always|empty|if|when|unless|without|"
    r"muss|müssen|soll\w*|gib\w*|liefer\w*|zurück\w*|sortier\w*|runde\w*|genau|nie|immer|leer\w*|"
    r"wenn|falls|doit|doivent|renvoi\w*|retourn\w*|affich\w*|tri\w*|arrondi\w*|exactement|jamais|"
    r"toujours|vide\w*|si|debe\w*|devuelv\w*|muestr\w*|orden\w*|exactamente|nunca|siempre|"
    r"должн\w*|верн\w*|возвраща\w*|сортир\w*|ровно|никогда|всегда|пуст\w*|если)\b",
    re.IGNORECASE,
)


class RequirementCoverage(Record):
    """Which requirements hold, and what of the text has no test."""

    given: int
    not_found: tuple[Requirement, ...]
    unknown_tests: tuple[str, ...]
    tests_without: tuple[str, ...]
    sentences_without: tuple[str, ...]
    tests: int

    @property
    def kept(self) -> int:
        """Count the requirements that hold."""
        return self.given - len(self.not_found)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The rejection if more than a third is unchecked; none where nothing is required."""
        is_bad = 3 * len(self.not_found) > self.given or 3 * len(self.tests_without) > self.tests
        if not self.given or not is_bad:
            return ()
        return (reason(ReasonCode.REQUIREMENTS_UNCHECKED, " ".join(self._words())),)

    def _words(self) -> Iterable[str]:
        if self.not_found:
            named = "; ".join(f"“{one.quote}” ({one.test})" for one in self.not_found[:3])
            yield f"Not in the text, or of no test: {named}."
        if self.tests_without:
            yield f"Without a requirement: {', '.join(self.tests_without[:5])}."


def check_requirements(draft: Draft, tests: DraftTests) -> RequirementCoverage:
    """Look for each quote in the draft's text, and for what no quote speaks of."""
    text = _Text(draft.text)
    named = _test_names(draft.kind, tests)
    kept = [
        one for one in tests.requirements if text.places(one.quote) and _plain(one.test) in named
    ]
    stated = {_plain(one.test) for one in kept}
    spans = [span for one in kept for span in text.places(one.quote)]
    bad = [one for one in tests.requirements if one not in kept]
    return RequirementCoverage(
        given=len(tests.requirements),
        not_found=tuple(bad),
        unknown_tests=tuple(one.test for one in bad if _plain(one.test) not in named),
        tests_without=tuple(named[name] for name in named if name not in stated),
        sentences_without=tuple(text.demands_outside(spans))[:MAX_LISTED_NAMES],
        tests=len(named),
    )


def _test_names(kind: Kind, tests: DraftTests) -> dict[str, str]:
    found = (
        [dataset.name for dataset in tests.datasets]
        if kind is Kind.SQL
        else TEST.findall(tests.tests)
    )
    return {_plain(name): name for name in found}


def _plain(name: str) -> str:
    """Compare tests by their last name: `LeapTest.test_a` is `test_a`."""
    words = name.removesuffix("()").strip()
    if re.fullmatch(r"[\w.]+", words):
        words = words.rpartition(".")[2]
    return " ".join(words.split()).casefold()


def with_requirements(evidence: dict[str, Any], checked: RequirementCoverage) -> dict[str, Any]:
    """Add to the sandbox's evidence what became of the requirements."""
    found = evidence | {"requirements": checked.model_dump(mode="json")}
    if not checked.reasons:
        return found
    said = [one.model_dump(mode="json") for one in checked.reasons]
    is_other_fault = found.get("fault", Fault.NONE) != Fault.NONE
    return found | {
        "verdict": Verdict.REJECTED.value,
        "reasons": [*found.get("reasons", []), *said],
        "fault": found["fault"] if is_other_fault else Fault.TESTS.value,
    }


class _Text:
    """A draft's text without its tags, and where things stand in it."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        self._letters = squeezed("".join(words for words, _ in reader.pieces))
        self._sentences: list[tuple[int, int, str]] = []
        self._note_sentences(reader.pieces)

    def _note_sentences(self, pieces: Sequence[tuple[str, bool]]) -> None:
        at = 0
        for line, is_example in _lines(pieces):
            for sentence in SENTENCE.split(line):
                end = at + len(squeezed(sentence))
                if not is_example and DEMANDS.search(sentence):
                    self._sentences.append((at, end, " ".join(sentence.split())))
                at = end

    def places(self, quote: str) -> list[tuple[int, int]]:
        """Find a quote."""
        return places_in(self._letters, quote)

    def demands_outside(self, spans: Sequence[tuple[int, int]]) -> Iterable[str]:
        """Return the sentences that demand something of which no quote speaks."""
        for start, end, sentence in self._sentences:
            shared = (min(end, stop) - max(start, begin) for begin, stop in spans)
            if max(shared, default=0) < min(MIN_OVERLAP_CHARS, end - start):
                yield sentence


def _lines(pieces: Sequence[tuple[str, bool]]) -> Iterable[tuple[str, bool]]:
    """Join the pieces into lines, each inside or outside of an example."""
    line, was_example = "", False
    for words, is_example in pieces:
        if words == "\n" or is_example != was_example:
            yield line, was_example
            line, was_example = "", is_example
        line += words
    yield line, was_example


def places_in(letters: str, quote: str) -> list[tuple[int, int]]:
    """Find a quote in squeezed letters; a quote may leave words out by an ellipsis."""
    for reading in (quote, _without_tags(quote)):
        found = [_find(letters, part) for part in ELLIPSIS.split(reading) if squeezed(part)]
        if found and all(found):
            return [span for spans in found for span in spans]
    return []


def _find(letters: str, words: str) -> list[tuple[int, int]]:
    wanted = squeezed(words).strip("\"'")
    wanted = wanted.removesuffix(".") or wanted
    starts = [found.start() for found in re.finditer(re.escape(wanted), letters)]
    return [(start, start + len(wanted)) for start in starts] if wanted else []


def squeezed(words: str) -> str:
    """Return the letters by which quotes are compared: no white space, no case, plain quotes."""
    return "".join(words.translate(ALIKE).split()).casefold()


def _without_tags(words: str) -> str:
    reader = _Reader()
    reader.feed(words)
    reader.close()
    return "".join(piece for piece, _ in reader.pieces)


class _Reader(HTMLParser):
    """Gives the words of HTML, a line end for each block, and whether they are an example."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, bool]] = []
        self._examples = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)
        self._examples += tag in EXAMPLES

    def handle_endtag(self, tag: str) -> None:
        self._examples = max(0, self._examples - (tag in EXAMPLES))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        self.pieces.append((data, self._examples > 0))

    def _break(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append(("\n", self._examples > 0))
