"""Checks that a draft's text is written in the language that the brief asks for.

The measure is the share of words that a dictionary of the language knows: in assignment texts
it is at least 0.85 in the right language and rarely above 0.6 in a different one.
"""

import re

from coursewright.domain.evidence import Evidence, Finding, FindingCode, Verdict
from coursewright.verification.rejections import doubt, reason
from coursewright.verification.task_text import prose, read_text

MIN_WORDS = 8
MIN_SHARE = 0.8
MAX_FOREIGN_SHARE = 0.6
# Related languages share up to 0.8 of their words. Models that ignore the language write English,
# so a share in between is compared with the one in English.
MAX_SHARE_BESIDE_ENGLISH = 0.75
MIN_ENGLISH_SHARE = 0.9
DICTIONARIES = {"hr": "hbs", "sr": "hbs", "bs": "hbs", "no": "nb"}
# A quotation holds no second opening mark, so that a row of them is read in linear time.
QUOTED = re.compile(r"\"[^\"\n]*\"|“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»|‘[^‘’\n]*’")
# Names in code that is not marked as such, numbers with units, and addresses.
NAME_OR_NUMBER = re.compile(r"\d|\w[_.:/(\[]+\w")
CALL_OR_CAMEL_CASE = re.compile(r"\b\w++\(.*|\b[a-zа-я]++[A-ZА-Я]\w*")


def with_language(evidence: Evidence, text: str, language: str) -> Evidence:
    """Add what is wrong with the text's language to the evidence."""
    finding = check_language(text, language)
    if finding is None:
        return evidence
    if not finding.blocking:
        return evidence.model_copy(update={"doubts": (*evidence.doubts, finding)})
    return evidence.model_copy(
        update={"verdict": Verdict.REJECTED, "reasons": (*evidence.reasons, finding)}
    )


def check_language(text: str, language: str) -> Finding | None:
    """Return a reason if the text is in a different language, or a doubt if that is uncertain."""
    code = language.partition("-")[0]
    words = _without_names(QUOTED.sub(" ", prose(read_text(text))))
    share = _known_share(words, DICTIONARIES.get(code, code))
    if share is not None and share >= MIN_SHARE:
        return None
    if share is not None and _is_foreign(words, code, share):
        return reason(FindingCode.WRONG_LANGUAGE, language=language)
    return doubt(FindingCode.LANGUAGE_UNCERTAIN, language=language)


def _without_names(text: str) -> str:
    words = (word for word in text.split() if not NAME_OR_NUMBER.search(word))
    return " ".join(CALL_OR_CAMEL_CASE.sub(" ", word) for word in words)


def _is_foreign(words: str, code: str, share: float) -> bool:
    if share <= MAX_FOREIGN_SHARE:
        return True
    in_english = _known_share(words, "en") if code != "en" else None
    return share <= MAX_SHARE_BESIDE_ENGLISH and (in_english or 0) >= MIN_ENGLISH_SHARE


def _known_share(words: str, dictionary: str) -> float | None:
    """Return the share of words that a dictionary knows, or None if it cannot be measured.

    Only the dictionaries that are needed are loaded: English takes 0.1 s, German and Russian 0.6 s.
    """
    from simplemma.language_detector import LanguageDetector
    from simplemma.strategies import DefaultStrategy
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES
    from simplemma.token_sampler import MostCommonTokenSampler

    sampler = MostCommonTokenSampler()
    if dictionary not in SUPPORTED_LANGUAGES or len(sampler.sample_text(words)) < MIN_WORDS:
        return None
    detector = LanguageDetector(dictionary, sampler, DefaultStrategy(low_memory=True))
    return detector.proportion_in_target_languages(words)
