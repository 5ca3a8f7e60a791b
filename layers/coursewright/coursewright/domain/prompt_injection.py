"""Detects lesson passages that address a language model rather than the learners."""

import re
import unicodedata
from functools import cache
from itertools import batched

from coursewright.domain.html_tokens import unescape

_COMMAND = r"(?:ignore|disregard|forget|override|bypass|ignorier\w*|vergiss|ignora\w*|ignorez?)"
_RULES = r"(?:instructions?|rules?|prompts?|guidelines|anweisungen|regeln|instrucciones|reglas)"
_ASK = r"(?:print|reveal|show|output|send|leak|repeat|include|expose|write down|tell me)"
_KEYS = r"(?:(?:api|secret|model)[ _-]?keys?|keys|secrets?|passwords?|credentials|environment)"
_READER = r"(?:language model|ai (?:model|assistant|system)|assistant|chat ?gpt|llm)"
_SIGNS = (
    rf"\b{_COMMAND}\b[^.!?]{{0,40}}\b{_RULES}\b",
    rf"\b{_ASK}\b[^.!?]{{0,40}}\byour\b[^.!?]{{0,30}}\b(?:{_KEYS}|{_RULES}|system prompt)",
    rf"\b{_ASK}\b[^.!?]{{0,30}}\b(?:api[ _-]keys?|system prompt|environment variables of)",
    rf"\b(?:you are|act as|pretend to be)\b[^.!?]{{0,30}}\b{_READER}\b",
    rf"\b(?:dear|attention|note to(?: the)?|hey|to any|hello,?)\s+{_READER}s?\b",
    r"\byou are now (?:in|an?|the)\b|\bnew instructions?:|\bsystem (?:prompt|message|override)\b",
    r"<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|^#+ ?system\b|^system:",
    r"\b(?:publish|approve|accept)\b[^.!?]{0,40}\b(?:without|skip\w*)\b[^.!?]{0,30}\breview",
    r"\b(?:mark|set|change)\b[^.!?]{0,40}\b(?:as|to) (?:approved|verified|published)\b",
    r"\b(?:do not|don't|never) (?:tell|inform|mention|alert|warn)\b[^.!?]{0,40}\b"
    r"(?:reviewer|teacher|user|anyone|human)",
    r"\bcall\b[^.!?]{0,20}\btools?\b|\btool calls?\b|\buse the tool\b",
    r"\b(?:save|write|store)\b[^.!?]{0,40}\bunder (?:the )?(?:name|key|account|generation)\b",
    r"\bjailbreak|\bDAN mode|\bdeveloper mode",
)
MAX_NORMALISED_CHARS = 500
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_TAG = re.compile(r"<(?!\|?(?:im_|system|endoftext))/?[a-z][^<>]*>", re.IGNORECASE)


def count_injections(lesson: str) -> int:
    """Count the passages that read like instructions to a model, including hidden ones."""
    text = _INVISIBLE.sub("", _compatible(unescape(lesson)))
    shown = re.sub(r"[ \t]+", " ", _TAG.sub("", text))
    hidden = " . ".join(re.findall(r"(?:alt|title|content|data-\w+)=\"([^\"]*)\"", text))
    return len(_pattern().findall(shown)) + len(_pattern().findall(hidden))


def _compatible(text: str) -> str:
    """Return the text in form NFKC, which takes quadratic time for a run of combining marks."""
    if text.isascii():
        return text
    pieces = batched(text, MAX_NORMALISED_CHARS, strict=False)
    return "".join(unicodedata.normalize("NFKC", "".join(piece)) for piece in pieces)


@cache
def _pattern() -> re.Pattern[str]:
    """Return the patterns, compiled on first use because few functions scan lessons."""
    return re.compile("|".join(_SIGNS), re.IGNORECASE | re.MULTILINE)
