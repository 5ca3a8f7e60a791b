"""Says what became of a draft since the round before."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup, escape

from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.markup.highlight_code import diff_html
from coursewright.markup.i18n import N_
from coursewright.markup.sanitise import clean_html
from coursewright.pages.truncate import truncate

CELL_END = re.compile(r"</t[dh]>")
MIN_SIMILARITY = 0.35  # below it two texts have so little in common that a new one is read easier
MAX_DIFF_WORDS = 3_000
BLOCK_END = re.compile(r"</(?:p|li|h\d|tr|pre|caption|dt|dd|blockquote)>|<br>")


@dataclass(frozen=True)
class Change:
    """One part of a draft that is not as it was; `html` is empty where all of it is new."""

    part: str
    html: Markup
    is_prose: bool = False


def changes(now: DraftEvidence, before: DraftEvidence, most: int) -> tuple[Change, ...]:
    """Compare a draft with that of the same task and model in the round before.

    Both are whole, so that no change goes unsaid; of each part so many bytes are shown.
    """
    return tuple(_changes(now, before, most))


def _changes(now: DraftEvidence, before: DraftEvidence, most: int) -> Iterator[Change]:
    old, new = _visible(before.draft.text), _visible(now.draft.text)
    if before.draft.name != now.draft.name:
        yield Change(
            part=N_("Name"), html=words_html(before.draft.name, now.draft.name), is_prose=True
        )
    if old != new:
        yield Change(part=N_("Text"), html=words_html(old, new), is_prose=True)
    for part, was, became in (
        (N_("Starter code"), _starter(before), _starter(now)),
        (N_("Tests"), _tests(before), _tests(now)),
        (N_("Solution"), _solution(before), _solution(now)),
    ):
        if was != became:
            yield Change(part=part, html=_code_html(was, became, most))


def words_html(old: str, new: str) -> Markup:
    """Return a text with what was taken out and put in; nothing where little of it was kept."""
    before, after = _words(old), _words(new)
    matcher = difflib.SequenceMatcher(a=before, b=after)
    if max(len(before), len(after)) > MAX_DIFF_WORDS or matcher.ratio() < MIN_SIMILARITY:
        return Markup("")
    parts: list[Markup] = []
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            parts.append(escape("".join(after[first:last])))
            continue
        if end > start:
            parts.append(Markup("<del>{}</del>").format("".join(before[start:end])))
        if last > first:
            parts.append(Markup("<ins>{}</ins>").format("".join(after[first:last])))
    return Markup("").join(parts)


def _code_html(old: str, new: str, most: int) -> Markup:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2)
    return diff_html(truncate("\n".join(list(lines)[2:]), most))


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _visible(html: str) -> str:
    flat = CELL_END.sub("  ", " ".join(clean_html(html).split()))
    lines = re.sub(r"<[^>]*>", "", BLOCK_END.sub("\n", flat)).split("\n")
    return "\n".join(unescape(line.strip()) for line in lines if line.strip())


def _starter(one: DraftEvidence) -> str:
    return "\n".join(part for part in (one.draft.schema_sql, one.draft.code) if part)


def _tests(one: DraftEvidence) -> str:
    if one.tests is None:
        return ""
    rows = [f"-- {each.name}\n{each.seed_sql}\n{each.expected_rows}" for each in one.tests.datasets]
    return "\n".join([part for part in (one.tests.tests, *rows) if part])


def _solution(one: DraftEvidence) -> str:
    return one.solution.code if one.solution else ""
