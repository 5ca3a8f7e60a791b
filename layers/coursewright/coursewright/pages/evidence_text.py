"""Phrases a draft's evidence for pages and emails: doubts first, then reasons and measurements."""

from enum import StrEnum

from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Evidence, Mutants
from coursewright.markup.evidence_text import (
    disagreement_text,
    finding_text,
    measurements_text,
    verdict_text,
)
from coursewright.markup.formatting import comma_list, model_name, one_line
from coursewright.markup.i18n import N_, _, ngettext

MAX_EMAILED_DOUBTS = 3  # per draft
REPEATABLE = {
    Kind.PYTHON: N_("A second run with different random numbers gave the same result"),
    Kind.SQL: N_("Inserting the rows in a different order gave the same result"),
}


class Tone(StrEnum):
    """How a statement is marked; a doubt or a warning never looks like a passed check."""

    GOOD = "good"
    DOUBT = "doubt"
    BAD = "bad"


class Statement(Record):
    """One statement about a draft."""

    tone: Tone
    text: str


def badge(draft: DraftEvidence) -> Statement:
    """Return the verdict on a draft with the number of doubts."""
    text = verdict_text(is_verified=draft.is_verified, doubts=len(draft.doubts))
    if not draft.is_verified:
        return _bad(text)
    return Statement(tone=Tone.DOUBT if draft.doubts else Tone.GOOD, text=text)


def doubts(draft: DraftEvidence) -> tuple[Statement, ...]:
    """Return a draft's doubts as statements."""
    return tuple(_doubt(finding_text(doubt)) for doubt in draft.doubts)


def doubt_lines(draft: DraftEvidence) -> tuple[str, ...]:
    """Return a draft's first doubts, each as one line of an email, and how many more there are."""
    lines = [one_line(finding_text(doubt)) for doubt in draft.doubts[:MAX_EMAILED_DOUBTS]]
    more = len(draft.doubts) - MAX_EMAILED_DOUBTS
    if more > 0:
        lines.append(ngettext("%(num)s more doubt", "%(num)s more doubts", more))
    return tuple(lines)


def statements(draft: DraftEvidence) -> tuple[Statement, ...]:
    """Return the rest of a draft's evidence as statements: reasons first, then measurements."""
    if draft.evidence is None:
        text = _("The model declined to write part of this draft, so nothing was run.")
        return (_bad(text),)
    reasons = [_bad(finding_text(reason)) for reason in draft.evidence.reasons]
    if not draft.is_verified and not reasons:
        reasons = [_bad(_("The draft was not verified."))]
    return (*reasons, *_measurements(draft, draft.evidence))


def evidence_line(draft: DraftEvidence) -> str:
    """Return the reason for a rejection, or else the measurements, as one line of an email."""
    if draft.is_verified and draft.certificate:
        return one_line(measurements_line(draft))
    known = statements(draft)
    bad = next((statement.text for statement in known if statement.tone is Tone.BAD), "")
    return one_line(bad or ". ".join(statement.text for statement in known[:2]))


def measurements_line(draft: DraftEvidence) -> str:
    """Return the measurements in a draft's certificate as one line."""
    if draft.certificate is None:
        return ""
    return measurements_text(draft.certificate, draft.draft.kind)


def confirmation_text(draft: DraftEvidence) -> str:
    """Return the label of the box that confirms a draft's blocking doubts, naming each of them."""
    texts = [finding_text(doubt) for doubt in draft.blocking_doubts]
    return ngettext(
        "Publish despite this doubt: %(doubts)s",
        "Publish despite these doubts: %(doubts)s",
        len(texts),
        doubts=" ".join(texts),
    )


def disagreements(draft: DraftEvidence) -> tuple[str, ...]:
    """Describe how the independent solutions differ from the draft's own."""
    if draft.certificate is None:
        return ()
    return tuple(map(disagreement_text, draft.certificate.disagreements))


def _measurements(draft: DraftEvidence, evidence: Evidence) -> list[Statement]:
    good = [_passing(evidence, draft.draft.kind)] if evidence.solution_passes else []
    if evidence.starter_fails:
        good.append(_("The starter code fails the tests, as it should"))
    if evidence.repeatable:
        good.append(_(REPEATABLE[draft.draft.kind]))
    if 0 < evidence.mutants.total == evidence.mutants.killed:
        good.append(_noticed(evidence.mutants))
    if evidence.independent:
        good.append(_("The tests and the solution were written independently of each other"))
    if draft.certificate and draft.certificate.agreeing:
        models = comma_list(map(model_name, draft.certificate.agreeing))
        good.append(
            _("Solved with the same result, from the text alone, by %(models)s", models=models)
        )
    return [*_warnings(draft, evidence), *(Statement(tone=Tone.GOOD, text=text) for text in good)]


def _warnings(draft: DraftEvidence, evidence: Evidence) -> list[Statement]:
    """Return the measurements that fall short of those of a good draft."""
    warnings = []
    if evidence.mutants.killed < evidence.mutants.total:
        warnings.append(_noticed(evidence.mutants))
    if draft.verification and draft.verification.attempt:
        warnings.append(_repaired(draft.verification.attempt))
    return list(map(_doubt, warnings))


def _noticed(mutants: Mutants) -> str:
    return ngettext(
        "The tests notice %(killed)s of %(num)s planted mistake",
        "The tests notice %(killed)s of %(num)s planted mistakes",
        mutants.total,
        killed=mutants.killed,
    )


def _repaired(number: int) -> str:
    return ngettext(
        "Repaired by the agents %(num)s time", "Repaired by the agents %(num)s times", number
    )


def _passing(evidence: Evidence, kind: Kind) -> str:
    if kind is Kind.SQL:
        return ngettext(
            "The solution returns the expected rows for %(num)s dataset",
            "The solution returns the expected rows for %(num)s datasets",
            evidence.tests_run,
        )
    return ngettext(
        "The solution passes %(num)s test",
        "The solution passes %(num)s tests",
        evidence.tests_run,
    )


def _bad(text: str) -> Statement:
    return Statement(tone=Tone.BAD, text=text)


def _doubt(text: str) -> Statement:
    return Statement(tone=Tone.DOUBT, text=text)
