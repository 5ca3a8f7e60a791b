"""Finds a sentence in an assignment's text that asks for the rows in a certain order."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from coursewright.domain.quotes import html_pieces

SENTENCE = re.compile(r"(?<=[.!?;])\s+")
EN_SUPERLATIVE = (
    r"(?:highest|largest|biggest|greatest|lowest|smallest|cheapest|dearest|newest|oldest|latest|"
    r"earliest|youngest|longest|shortest|fewest|most|least|best|worst|heaviest|lightest)"
)
DE_SUPERLATIVE = (
    r"(?:höchst|niedrigst|tiefst|teuerst|günstigst|billigst|neuest|neust|ältest|größt|kleinst|"
    r"längst|kürzest|jüngst|meist|wenigst|best|spätest|frühest|aktuellst|schwerst|leichtest)\w*"
)
RU_SUPERLATIVE = (
    r"(?:сам\w+ )?(?:наиб|наим|дорог|деш[её]в|нов|стар|больш|меньш|высок|низк|длинн|коротк|"
    r"поздн|ранн|недавн)\w*"
)


class Phrases(NamedTuple):
    """The phrases with which a language describes the order of rows."""

    asks: re.Pattern[str]
    denies: re.Pattern[str]
    # The order is one within a column, such as a rank, or decides between single rows.
    elsewhere: re.Pattern[str]
    # Something is in order, which asks for nothing unless it is the result.
    describes: re.Pattern[str]
    result: re.Pattern[str]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


ENGLISH = Phrases(
    asks=_any(
        r"\bsort(?:ed|ing)?\b(?! of\b)[^.]{0,60}?\b(?:by(?! hand)|on|from|alphabetically|ascending|"
        rf"descending|chronologically|in (?:\w+ )?order|A[-–]Z|{EN_SUPERLATIVE})\b",
        r"\b(?:use|with|add) (?:an )?order by\b",
        r"\bin order by\b",
        r"(?:^\W*|[,;:(]\s*|\b(?:and|then|please) )order (?:the|them|it|your|all|by)\b"
        r"[^.]{0,80}?\bby\b",
        r"(?:^\W*|[,;:(]\s*|\b(?:rows|results?|output|list|lines|entries|be|is|are|and) )ordered "
        r"(?:\w+ )?(?:by|from|alphabetically)\b"
        r"(?! (?:[\w-]+ ){0,3}(?:customers?|clients?|users?|members?|people|persons?|someone|"
        r"guests?|buyers?|compan\w+|shops?|students?)\b(?!['’]| (?:name|id|number|age)))",
        r"\bin (?:ascending|descending|alphabetic(?:al)?|chronological|reverse|numeric(?:al)?|"
        r"increasing|decreasing|lexicographic(?:al)?)\b[^.]{0,30}?\border\b",
        r"\bin (?:the )?order of\b",
        r"\balphabetically\b",
        r"\b(?:ascending|descending)\b",
        rf"\b{EN_SUPERLATIVE}\b(?: [\w-]+){{0,3}} first(?=\W*(?:$|[,.;:)]|and\b|then\b))",
        rf"\bfrom (?:the )?{EN_SUPERLATIVE}\b(?: [\w-]+){{0,2}} to (?:the )?{EN_SUPERLATIVE}\b",
        r"\bfrom A to Z\b",
        rf"\b(?:starting|beginning) with the {EN_SUPERLATIVE}\b",
    ),
    denies=_any(
        r"\bany order\b",
        r"\bno (?:particular|specific|fixed|required|special|certain|defined) order\b",
        r"\b(?:un(?:ordered|sorted)|whatever order|arbitrary order|random order)\b",
        r"\border(?:ing)?\b[^.]{0,40}?\b(?:not|n['’]t|cannot|never) (?:\w+ )?"
        r"(?:matter|important|relevant|checked|compared|count)",
        r"\border(?:ing)?\b[^.]{0,40}?\b(?:irrelevant|unimportant|arbitrary|free|up to you|"
        r"unspecified)\b",
        r"\b(?:not|n['’]t|never|no need to|without) (?:[\w-]+ ){0,4}(?:sort|order)(?:ed|ing)?\b",
        r"\bregardless of (?:the |their )?order\b",
    ),
    elsewhere=_any(
        r"\b(?:rank\w*|numbered|numbering|number (?:the|them|each|every)|row numbers?|"
        r"running|cumulative|preceding|previous|next|comma\w*|separated|concatenat\w*|"
        r"joined (?:by|with|into|together))\b",
        r"\b(?:first|last|smallest|earliest)(?: [\w-]+){0,4} (?:in alphabetical order|"
        r"alphabetically)\b",
        r"\balphabetically (?:first|last|before|after|smallest|earlier|later)\b",
        r"\b(?:difference|range|span|gap|days|years|months)\b[^.]{0,60}?"
        rf"\bfrom (?:the )?{EN_SUPERLATIVE}",
        r"\bover ?\(|\bpartition by\b",
    ),
    describes=_any(r"\b(?:is|are|was|were|been|gets?) (?:\w+ )?(?:sorted|ordered)\b"),
    result=_any(r"\b(?:rows?|results?|output|lines?|entries|list|must|should|shall|query)\b"),
)
GERMAN = Phrases(
    asks=_any(
        r"\b(?:sortier\w*|geordnet|ordne)\b[^.]{0,60}?\b(?:nach|alphabetisch|aufsteigend|"
        r"absteigend|von|vom)\b",
        r"\b(?:nach|alphabetisch|aufsteigend|absteigend)\b[^.]{0,80}?\b(?:sortier\w*|geordnet|"
        r"ordnen)\b",
        r"\bin (?:alphabetischer|aufsteigender|absteigender|chronologischer|umgekehrter|"
        r"numerischer|steigender|fallender)\b[^.]{0,30}?(?:reihenfolge|ordnung)\b",
        r"\balphabetisch\b",
        r"\b(?:aufsteigend|absteigend)\b",
        rf"\b{DE_SUPERLATIVE}(?: [\w-]+){{0,3}} zuerst\b",
        rf"\bvo[nm] {DE_SUPERLATIVE}(?: [\w-]+){{0,2}} (?:zu[mr]?|bis) (?:zu[mr] )?"
        rf"{DE_SUPERLATIVE}",
        r"\bvon A bis Z\b",
        r"\bin der Reihenfolge (?:der|des|ihre[rs]?|seine[rs]?)\b",
        r"\b(?:mit|verwende|nutze|benutze) (?:ein )?ORDER BY\b",
        rf"\b(?:beginnend|angefangen) mit (?:dem|der|den) {DE_SUPERLATIVE}",
    ),
    denies=_any(
        r"\bbeliebige[rn]? (?:Reihenfolge|Ordnung)\b",
        r"\bkeine (?:\w+ )?(?:Reihenfolge|Sortierung|Ordnung)\b",
        r"\b(?:un(?:sortiert|geordnet)\w*|ohne (?:\w+ )?(?:Sortierung|Reihenfolge))\b",
        r"\b(?:Reihenfolge|Sortierung|Ordnung)\b[^.]{0,60}?\b(?:egal|beliebig|keine Rolle|"
        r"unwichtig|unerheblich|gleichgültig|frei|nicht)\b",
        r"\b(?:egal|gleichgültig|beliebig)\b[^.]{0,30}?\bReihenfolge\b",
        r"\b(?:nicht|nie) (?:[\w-]+ ){0,4}(?:sortier\w*|geordnet)\b",
    ),
    elsewhere=_any(
        r"\b(?:Rang\w*|Rängen?|Plätze?n?|Platzierung\w*|nummerier\w*|kumul\w*|laufende\w*|"
        r"vorherig\w*|vorig\w*|nächste[rsn]?|komma\w*|getrennt|verkette\w*)\b",
        r"\balphabetisch (?:erste|letzte|kleinste|frühere|spätere|zuerst|vor|nach|hinter)\w*\b",
        r"\bordne\b.{0,80}?\bzu\b",
    ),
    describes=_any(r"\b(?:ist|sind|war|waren|wird|werden)\b[^.]{0,80}?\b(?:sortiert|geordnet)\b"),
    result=_any(
        r"\b(?:Zeilen?|Ergebnis\w*|Ausgabe|Liste|Resultat\w*|Einträge|Abfrage|muss|müssen|"
        r"soll\w*)\b"
    ),
)
RUSSIAN = Phrases(
    asks=_any(
        r"\b(?:от|рас)?сортир\w*\b[^.]{0,60}?\b(?:по|от|начиная|сначала)\b",
        r"\bупорядоч\w*\b[^.]{0,60}?\b(?:по|от|начиная|сначала)\b",
        r"\bпо [^.]{1,60}?\b(?:отсортирован|упорядочен)\w*",
        r"\bв (?:алфавитном|обратном|хронологическом) порядке\b",
        r"\bв порядке (?:убывания|возрастания)\b",
        r"\bпо (?:алфавиту|убыванию|возрастанию)\b",
        rf"\bсначала {RU_SUPERLATIVE}",
        r"\bот (?:больш|меньш|нов|стар|дорог|деш|высок|низк|поздн|ранн)\w* к\b",
        r"\bот А до Я\b",
        r"\bотсортируйте?\b",
        r"\b(?:используйте|примените|с помощью) ORDER BY\b",
        rf"\bначиная с (?:сам\w+|{RU_SUPERLATIVE})",
    ),
    denies=_any(
        r"\b(?:любом|произвольном) порядке\b",
        r"\bпорядок\b[^.]{0,40}?(?:\bне\b|\bневаж\w+|\bлюб\w+|\bпроизвол\w+|\bбезразлич\w+)",
        r"\b(?:не важно|неважно|всё равно|все равно)\b[^.]{0,30}?\bпорядке\b",
        r"\bне (?:\w+ ){0,3}(?:сортир|упоряд|отсортир)\w*",
        r"\b(?:сортир\w*|упоряд\w*)\b[^.]{0,30}?\bне\b (?:нуж|над|треб|обяз)\w*",
        r"\bбез сортировки\b",
    ),
    elsewhere=_any(
        r"\b(?:ранг\w*|рейтинг\w*|нумер\w*|пронумер\w*|нарастающ\w*|накоп\w*|предыдущ\w*|"
        r"следующ\w*(?! образом)|запят\w*|раздел\w*)\b",
        r"\b(?:перв|последн)\w+ (?:\w+ ){0,2}по алфавиту\b",
        r"\bпо алфавиту (?:перв|последн|раньш|позж|перед|после)\w*",
    ),
    describes=_any(r"\b(?:отсортирован|упорядочен)[аоы]?\b"),
    result=_any(
        r"\b(?:строк\w*|результат\w*|вывод\w*|спис\w+|запис\w+|ответ\w*|должн\w+|запрос\w*)\b"
    ),
)
LANGUAGES = (ENGLISH, GERMAN, RUSSIAN)


def requested_order(html: str) -> str:
    """Return the sentence that asks for the rows in a certain order, or an empty string.

    A text that says anywhere that the order does not matter asks for none.
    """
    sentences = list(_sentences(html))
    if any(each.denies.search(sentence) for each in LANGUAGES for sentence in sentences):
        return ""
    asking = (each for each in sentences if any(_asks(each, words) for words in LANGUAGES))
    return next(asking, "")


def _asks(sentence: str, words: Phrases) -> bool:
    if not words.asks.search(sentence) or words.elsewhere.search(sentence):
        return False
    return not words.describes.search(sentence) or words.result.search(sentence) is not None


def _sentences(html: str) -> Iterator[str]:
    """Yield the sentences outside examples."""
    line = ""
    for piece, is_example in [*html_pieces(html), ("\n", False)]:
        if piece != "\n" and not is_example:
            line += piece
            continue
        yield from filter(None, SENTENCE.split(" ".join(line.split())))
        line = ""
