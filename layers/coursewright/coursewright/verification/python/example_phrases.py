"""The signs, phrases and literals by which a text states the result of a call.

Loaded as text into the sandbox image.
"""

import ast
import re

# Possessive quantifiers never backtrack.
ARROWS = r"(?:→|➞|➔|⇒|⟹|⟶|≡|=+>|-+>|==|=(?!=))"
MODALS = (
    r"(?:(?:will|would|should|must|shall|has to|also|to|wird|soll(?:te)?|muss|"
    r"должн[аоы]?|также|doit|debe|deve)\s++)*"
)
VERBS = (
    r"(?:returns?|gives?|yields?|produces?|equals?|be|is|evaluates?\s++to|results?\s++in|"
    r"raises?|throws?|ergibt|liefert|gibt|ist|löst|wirft|soll|возвращает|верн[её]т|вернуть|выдаёт|"
    r"да[её]т|равн[оа]?|вызывает|renvoie|retourne|donne|vaut|lève|devuelve|retorna|da|lanza)"
)
NOUNS = (
    r"(?:(?:the|its|das|der|die)\s++)?(?:output|result|answer|return value|ergebnis|rückgabewert|"
    r"результат)\s++(?:is|(?:will|would|should|must)\s++be|ist|lautet|равен)"
)
FILLERS = (
    r"(?:(?:the|a|an|den|die|das|der|einen?|eine[nr]?|le|la|el|value|number|integer|list|string|"
    r"tuple|boolean|float|wert|zahl|liste|text|fehler|ausnahme|exception|значение|число|строку|"
    r"список|исключение|ошибку|valeur|valor)\s++)*"
)
PHRASE = rf"(?:(?:,\s++|(?<=\s))(?:{MODALS}{VERBS}|{NOUNS})(?:\s*+:)?(?:\s++{FILLERS}|(?=\x02)))"
OPENING_PHRASE = re.compile(
    rf"\s*+(?:(?:(?:#++\s*+)++{ARROWS}?|{ARROWS})\s*+(?:returns?\s++)?|{PHRASE})(?=\s*+\S)",
    re.IGNORECASE,
)
COMMENT_LEAD = re.compile(
    rf"\s*+#++\s*+(?:{ARROWS}|#++|(?:returns?|gives?|result|output|prints?|ergibt|liefert|"
    r"ergebnis|ausgabe|gibt|возвращает|результат|вывод|renvoie|devuelve)\b\s*:?|(?:raises?|wirft)\b(?=\s))\s*",
    re.IGNORECASE,
)
RAISED = re.compile(
    r"(?:(?:raises?|throws?|an?|einen?|eine|the)\s+)*\x02?([A-Z]\w*(?:Error|Exception|Exit))\b\x03?",
)
# Words that deny what a sentence states, describe a mistake, or refer to an earlier call.
DENIED_BEFORE = re.compile(
    r"\b(?:not|never|cannot|wrong\w*|incorrect\w*|instead|bug\w*|currently|so far|if|unless|nicht|"
    r"kein\w*|falsch\w*|statt|fehlerhaft\w*|bisher|derzeit|wenn|falls|не|неверн\w*|неправильн\w*|"
    r"вместо|сейчас|пока|если|pas|faux|si|lambda|return|await|second|third|next|then|again|after\w*|"
    r"later|once|zweite[nrs]?|dritte[nrs]?|nächste[nrs]?|danach|dann|nach|erneut|später|sobald|"
    r"втор\w*|треть\w*|следующ\w*|после|затем|снова|ensuite|après|deuxième|luego|después)\b|n['’]t\b",
    re.IGNORECASE,
)
DENIED_AFTER = re.compile(
    r"\b(?:instead|rather|wrong\w*|incorrect\w*|but should|although|statt|falsch\w*|obwohl|"
    r"вместо|неверн\w*|неправильн\w*|хотя)\b",
    re.IGNORECASE,
)
# What may stand between a literal and the words that explain it.
EXPLAINED = re.compile(
    r"\s*+(?:[.,;:!)\]]*+\s*+$|[.,;:]?+\s*+[(#]|(?<=\s)[—–]\s|\.(?=\s)|"
    r"[,;:](?=\s++[^\d\s'\"\[({-])|(?<=\s)-\s(?=[^\d\s])|"
    r"(?:because|since|as|for|and|when|if|while|but|weil|denn|da|und|wenn|aber|zurück|aus|"
    r"потому|так|и|если|но|car|et|porque|y|zurückgeben|ergeben|liefern)\b|//)",
    re.IGNORECASE,
)
ATOM = re.compile(
    r"[-−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w%²³°]|[.,]\d|\.\.)|"
    r"(?:True|False|None|true|false)\b"
)
STRING = re.compile(r"[rbf]?(?:\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')")
EMPTY_SET = "set()"
UNREADABLE = (SyntaxError, ValueError, TypeError, MemoryError, RecursionError)
MAX_LITERAL_CHARS = 2_000
MAX_CHARS_AFTER = 400  # that are read after a result


def whole_literal(text: str) -> str:
    """Return the text if all of it is one Python literal; an empty string otherwise."""
    source = text.strip().replace("−", "-")
    source = source.capitalize() if source in ("true", "false") else source
    if source == EMPTY_SET:
        return source
    if not source or len(source) > MAX_LITERAL_CHARS:
        return ""
    try:
        tree = ast.parse(source, mode="eval")
        ast.literal_eval(tree)
    except UNREADABLE:
        return ""
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "" if any(node.value is Ellipsis for node in constants) else source


def split_literal(text: str) -> tuple[str, str]:
    """Return the literal at the start of the text and what follows it; both empty if unclear."""
    end = _end_of_literal(text[: MAX_LITERAL_CHARS + 1])
    literal = whole_literal(text[:end]) if end else ""
    if not literal or not EXPLAINED.match(text[end:]):
        return "", ""
    return literal, text[end:]


def contradicts_itself(tail: str) -> bool:
    """Whether the text after a result retracts it, as in “3 instead of 2”."""
    sentence = re.split(r"[.!?]\s", tail[:MAX_CHARS_AFTER], maxsplit=1)[0]
    return bool(DENIED_AFTER.search(sentence))


def _end_of_literal(text: str) -> int:
    if text[:1] in ("(", "[", "{"):
        depth, at = 0, 0
        while at < len(text):
            string = STRING.match(text, at)
            depth += 0 if string else (text[at] in "([{") - (text[at] in ")]}")
            at = string.end() if string else at + 1
            if depth == 0:
                return at
        return 0
    if text.startswith(EMPTY_SET):
        return len(EMPTY_SET)
    match = STRING.match(text) or ATOM.match(text)
    return match.end() if match else 0
