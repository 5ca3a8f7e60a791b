"""Diffs between versions of one draft, and between drafts of consecutive rounds."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import Edit, Parts, diff, diff_lines
from coursewright.domain.html_tokens import unescape
from coursewright.markup.highlight_code import diff_html
from coursewright.markup.i18n import N_
from coursewright.markup.sanitise import clean_html
from coursewright.pages.truncate import truncate

CELL_END = re.compile(r"</t[dh]>")
BLOCK_END = re.compile(r"</(?:p|li|h\d|tr|pre|caption|dt|dd|blockquote)>|<br>")
MIN_SIMILARITY = 0.35  # less similar texts are easier to read in full than as a diff
MAX_DIFF_WORDS = 3_000


class Version(Record):
    """A version of a draft with its diff from the version on which it is based."""

    edit: Edit
    after: Parts
    diff: str
    is_current: bool


@dataclass(frozen=True)
class Change:
    """A changed part of a draft with its diff as HTML, which is empty for an entirely new text."""

    part: str
    html: Markup
    is_prose: bool = False


def draft_versions(draft: DraftEvidence) -> tuple[Version, ...]:
    """Return all versions of a draft, newest first."""
    parts = {edit.number: edit.parts for edit in draft.edits if edit.parts}
    if draft.original is not None:
        parts[0] = draft.original
    current = draft.edit.number if draft.edit else 0

    def version(edit: Edit) -> Version:
        after = edit.parts or parts[edit.restores]
        return Version(
            edit=edit,
            after=after,
            diff=diff(parts[edit.base], after),
            is_current=edit.number == current,
        )

    return tuple(version(edit) for edit in reversed(draft.edits))


def draft_changes(now: DraftEvidence, before: DraftEvidence, max_bytes: int) -> tuple[Change, ...]:
    """Compare a draft with the previous round's draft of the same task and model.

    Both must be complete, so that no change is missed; each diff is truncated to `max_bytes`.
    """
    return tuple(_changes(now, before, max_bytes))


def prose_diff_html(old: str, new: str) -> Markup:
    """Return a text with deletions and insertions marked, or nothing if too little is common."""
    before, after = _tokens(old), _tokens(new)
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


def _changes(now: DraftEvidence, before: DraftEvidence, max_bytes: int) -> Iterator[Change]:
    old, new = _visible_text(before.draft.text), _visible_text(now.draft.text)
    if before.draft.name != now.draft.name:
        html = prose_diff_html(before.draft.name, now.draft.name)
        yield Change(part=N_("Name"), html=html, is_prose=True)
    if old != new:
        yield Change(part=N_("Text"), html=prose_diff_html(old, new), is_prose=True)
    for part, earlier, current in (
        (N_("Starter code"), _starter(before), _starter(now)),
        (N_("Tests"), _tests(before), _tests(now)),
        (N_("Solution"), _solution(before), _solution(now)),
    ):
        if earlier != current:
            yield Change(part=part, html=_code_diff_html(earlier, current, max_bytes))


def _code_diff_html(old: str, new: str, max_bytes: int) -> Markup:
    lines = list(diff_lines("", old, new))
    return diff_html(truncate("\n".join(lines[2:]), max_bytes))


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _visible_text(html: str) -> str:
    flat = CELL_END.sub("  ", " ".join(clean_html(html).split()))
    lines = re.sub(r"<[^<>]*>", "", BLOCK_END.sub("\n", flat)).split("\n")
    return "\n".join(unescape(line.strip()) for line in lines if line.strip())


def _starter(draft: DraftEvidence) -> str:
    return "\n".join(part for part in (draft.draft.schema_sql, draft.draft.code) if part)


def _tests(draft: DraftEvidence) -> str:
    if draft.tests is None:
        return ""
    datasets = [
        f"-- {dataset.name}\n{dataset.seed_sql}\n{dataset.expected_rows}"
        for dataset in draft.tests.datasets
    ]
    return "\n".join([part for part in (draft.tests.tests, *datasets) if part])


def _solution(draft: DraftEvidence) -> str:
    return draft.solution.code if draft.solution else ""
