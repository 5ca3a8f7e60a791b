"""Checks that each requirement of a draft quotes its text and names one of its tests."""

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser

from coursewright.domain.assignment import Draft, DraftTests
from coursewright.domain.brief import Kind
from coursewright.domain.evidence import Evidence, Finding, FindingCode, RepairTarget, Verdict
from coursewright.domain.requirement import RequirementCoverage
from coursewright.verification.rejections import doubt, reason

MAX_LISTED_SENTENCES = 10
MAX_QUOTES = 3
MIN_OVERLAP_CHARS = 8  # shared by a quote and a sentence that are about the same thing
TEST = re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*\(", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
ELLIPSIS = re.compile(r"…|\.\.\.")
ALIKE = str.maketrans("“”„«»‘’‚–—−", '""""' + '"' + "'''---")
BLOCK_TAGS = "p div li ul ol dl dt dd table tr caption h1 h2 h3 h4 h5 h6 br hr pre"
BLOCKS = frozenset(BLOCK_TAGS.split())
EXAMPLES = {"pre", "table"}
# Words that mark a sentence as a demand, in the languages that courses are often written in.
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


def check_requirements(draft: Draft, tests: DraftTests) -> RequirementCoverage:
    """Look up each quote in the draft's text, and find the sentences that no quote covers."""
    text = _Text(draft.text)
    named = _test_names(draft.kind, tests)
    met = [
        each
        for each in tests.requirements
        if text.places(each.quote) and _plain(each.test) in named
    ]
    stated = {_plain(each.test) for each in met}
    spans = [span for each in met for span in text.places(each.quote)]
    unmet = [each for each in tests.requirements if each not in met]
    return RequirementCoverage(
        given=len(tests.requirements),
        not_found=tuple(unmet),
        unknown_tests=tuple(each.test for each in unmet if _plain(each.test) not in named),
        tests_without=tuple(named[name] for name in named if name not in stated),
        sentences_without=tuple(text.demands_outside(spans))[:MAX_LISTED_SENTENCES],
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


def with_requirements(
    evidence: Evidence, coverage: RequirementCoverage, *, may_reject: bool = True
) -> Evidence:
    """Add the coverage of the requirements to the evidence, with its reasons and doubts."""
    reasons = _reasons(coverage) if may_reject else ()
    is_new_fault = bool(reasons) and evidence.verdict is Verdict.VERIFIED
    return evidence.model_copy(
        update={
            "requirements": coverage,
            "verdict": Verdict.REJECTED if reasons else evidence.verdict,
            "reasons": (*evidence.reasons, *reasons),
            "doubts": (*_doubts(coverage), *evidence.doubts),
            "fault": RepairTarget.TESTS if is_new_fault else evidence.fault,
        }
    )


def _reasons(coverage: RequirementCoverage) -> tuple[Finding, ...]:
    """Reject if more than a third is unchecked, but not if nothing is required."""
    lost, without = len(coverage.not_found), len(coverage.tests_without)
    is_bad = 3 * lost > coverage.given or 3 * without > coverage.tests
    if not coverage.given or not is_bad:
        return ()
    quotes = tuple(f"“{each.quote}” ({each.test})" for each in coverage.not_found)
    return (
        reason(
            FindingCode.REQUIREMENTS_UNCHECKED,
            coverage.tests_without,
            quotes=quotes[:MAX_QUOTES],
            unmet=lost,
            given=coverage.given,
        ),
    )


def _doubts(coverage: RequirementCoverage) -> tuple[Finding, ...]:
    if not coverage.given:
        return (doubt(FindingCode.NO_REQUIREMENTS),)
    lost = len(coverage.not_found)
    return (doubt(FindingCode.REQUIREMENTS_NOT_FOUND, count=lost),) if lost else ()


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
