"""Checks that each of a draft's requirements quotes its text and names one of its tests."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from coursewright.domain.assignment import Draft, DraftTests
from coursewright.domain.brief import Kind
from coursewright.domain.evidence import Evidence, Finding, FindingCode, RepairTarget, Verdict
from coursewright.domain.quotes import find_quote, html_pieces, normalise_letters
from coursewright.domain.requirement import RequirementCoverage
from coursewright.verification.rejections import doubt, reason

MAX_LISTED_SENTENCES = 10
MAX_QUOTES = 3
MIN_OVERLAP_CHARS = 8  # overlap at which a quote counts as covering a sentence
TEST = re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*\(", re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# Words that mark a sentence as a demand, in common course languages. Words of narration, such as
# “counts” or “empty”, need a subject or a condition beside them.
DEMANDS = re.compile(
    r"\b(?:must|should|shall|has to|have to|needs? to|return\w*|raise\w*|sorted|sort|"
    r"order(?:ed)? by|round(?:s|ed)?|ignored?|counted|only|never|always|if|when|unless|"
    r"(?:it|function|method|program|query|result) (?:also )?(?:gives|shows|contains|counts|prints|"
    r"is|has)|muss|müssen|soll\w*|gib\w*|liefer\w*|zurück\w*|sortier\w*|gerundet|runde\w*|nie|"
    r"immer|wenn|falls|doit|doivent|renvoi\w*|retourn\w*|affich\w*|arrondi\w*|jamais|toujours|"
    r"si|debe\w*|devuelv\w*|muestr\w*|orden\w*|nunca|siempre|должн\w*|верн\w*|возвраща\w*|"
    r"сортир\w*|ровно|никогда|всегда|если)\b",
    re.IGNORECASE,
)
# The sentence that names the task states no requirement of its own.
TASK = re.compile(
    r"\W*(?:please )?(?:write|implement|define|complete|create|schreib\w*|implementier\w*|"
    r"definier\w*|ergänz\w*|vervollständig\w*|écri\w*|complét\w*|escrib\w*|complet\w*|напиш\w*|"
    r"реализ\w*|допиш\w*|допол\w*|созда\w*)\b",
    re.IGNORECASE,
)


def check_requirements(draft: Draft, tests: DraftTests) -> RequirementCoverage:
    """Look up each quote in the draft's text, and find the sentences not covered by any quote."""
    text = _Text(draft.text)
    named = _test_names(draft.kind, tests)
    met = [
        each
        for each in tests.requirements
        if text.find(each.quote) and _plain_name(each.test) in named
    ]
    stated = {_plain_name(each.test) for each in met}
    spans = {span for each in met for span in text.find(each.quote)}
    unmet = [each for each in tests.requirements if each not in met]
    return RequirementCoverage(
        given=len(tests.requirements),
        not_found=tuple(unmet),
        unknown_tests=tuple(each.test for each in unmet if _plain_name(each.test) not in named),
        tests_without=tuple(named[name] for name in named if name not in stated),
        sentences_without=_untested_sentences(draft.kind, text, spans),
        tests=len(named),
    )


def _untested_sentences(kind: Kind, text: "_Text", spans: Iterable["Span"]) -> tuple[str, ...]:
    """Return the sentences that no test covers; a dataset checks all that a query must do."""
    if kind is Kind.SQL:
        return ()
    return tuple(text.demands_outside(spans))[:MAX_LISTED_SENTENCES]


def _test_names(kind: Kind, tests: DraftTests) -> dict[str, str]:
    names = [dataset.name for dataset in tests.datasets]
    if kind is not Kind.SQL:
        names = TEST.findall(tests.tests)
    return {_plain_name(name): name for name in names}


def _plain_name(name: str) -> str:
    """Return a test's name for comparison: `test_a` for `LeapTest.test_a`."""
    plain = name.removesuffix("()").strip()
    if re.fullmatch(r"[\w.]+", plain):
        plain = plain.rpartition(".")[2]
    return " ".join(plain.split()).casefold()


def with_requirements(
    evidence: Evidence, coverage: RequirementCoverage, *, may_reject: bool = True
) -> Evidence:
    """Add the requirements' coverage to the evidence, with the resulting reasons and doubts."""
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
    """Return a reason to reject if more than a third is unchecked, unless nothing is required."""
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
    untested = [f"“{sentence}”" for sentence in coverage.sentences_without]
    return (
        *((doubt(FindingCode.REQUIREMENTS_NOT_FOUND, count=lost),) if lost else ()),
        *((doubt(FindingCode.SENTENCES_UNTESTED, untested),) if untested else ()),
    )


type Span = tuple[int, int]


class _Text:
    """A draft's text without tags, with the positions of its sentences."""

    def __init__(self, html: str) -> None:
        pieces = html_pieces(html)
        self._letters = normalise_letters("".join(text for text, _ in pieces))
        self._demands = tuple(_demands(pieces))
        self._found: dict[str, list[Span]] = {}

    def find(self, quote: str) -> list[Span]:
        """Return the spans where a quote occurs."""
        if quote not in self._found:
            self._found[quote] = find_quote(self._letters, quote)
        return self._found[quote]

    def demands_outside(self, spans: Iterable[Span]) -> Iterable[str]:
        """Yield the sentences that demand something but are not covered by any quote."""
        ends = [end for _, end, _ in self._demands]
        shared = [0] * len(self._demands)
        for begin, stop in spans:
            for index in range(bisect_right(ends, begin), len(ends)):
                start, end, _ = self._demands[index]
                if start >= stop:
                    break
                shared[index] = max(shared[index], min(end, stop) - max(start, begin))
        for (start, end, sentence), covered in zip(self._demands, shared, strict=True):
            if covered < min(MIN_OVERLAP_CHARS, end - start):
                yield sentence


def _demands(pieces: Sequence[tuple[str, bool]]) -> Iterable[tuple[int, int, str]]:
    """Yield each sentence that demands something, with its position; examples demand nothing."""
    start = 0
    for line, is_example in _lines(pieces):
        for sentence in SENTENCE.split(line):
            end = start + len(normalise_letters(sentence))
            if not is_example and DEMANDS.search(sentence) and not TASK.match(sentence):
                yield start, end, " ".join(sentence.split())
            start = end


def _lines(pieces: Sequence[tuple[str, bool]]) -> Iterable[tuple[str, bool]]:
    """Yield the pieces as lines, each with whether it is part of an example."""
    line, was_example = "", False
    for text, is_example in pieces:
        if text == "\n" or is_example != was_example:
            yield line, was_example
            line, was_example = "", is_example
        line += text
    yield line, was_example
