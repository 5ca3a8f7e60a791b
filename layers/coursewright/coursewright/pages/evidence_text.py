"""Phrases a draft's evidence for pages and emails: reasons and doubts first, then passed checks."""

from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.certificate import NearDuplicate
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Evidence
from coursewright.markup.evidence_text import certificate_text, disagreement_text, finding_text
from coursewright.markup.formatting import comma_list, model_name, one_line
from coursewright.markup.i18n import N_, _, ngettext

REPEATABLE = {
    Kind.PYTHON: N_("A second run with different random numbers gave the same result"),
    Kind.SQL: N_("Inserting the rows in a different order gave the same result"),
}


class Statement(Record):
    """One statement about a draft; reasons and doubts are never good."""

    is_good: bool
    text: str


def statements(draft: DraftEvidence) -> tuple[Statement, ...]:
    """Return a draft's evidence as statements: reasons first, then doubts, then proofs."""
    if draft.evidence is None:
        text = _("The model declined to write part of this draft, so nothing was run.")
        return (_bad(text),)
    reasons = [_bad(finding_text(reason)) for reason in draft.evidence.reasons]
    if not draft.is_verified and not reasons:
        reasons = [_bad(_("The draft was not verified."))]
    return (*reasons, *_doubts(draft, draft.evidence), *_proofs(draft, draft.evidence))


def evidence_line(draft: DraftEvidence) -> str:
    """Return the most important statement as one line of an email."""
    if draft.is_verified and draft.certificate:
        return one_line(certificate_line(draft))
    known = statements(draft)
    bad = next((statement.text for statement in known if not statement.is_good), "")
    return one_line(bad or ". ".join(statement.text for statement in known[:2]))


def certificate_line(draft: DraftEvidence) -> str:
    """Return a draft's certificate as one line."""
    if draft.certificate is None:
        return ""
    return certificate_text(draft.certificate, draft.draft.kind)


def disagreements(draft: DraftEvidence) -> tuple[str, ...]:
    """Describe how the independent solutions differ from the draft's own."""
    if draft.certificate is None:
        return ()
    return tuple(map(disagreement_text, draft.certificate.disagreements))


def _doubts(draft: DraftEvidence, evidence: Evidence) -> list[Statement]:
    """Return the doubts about a draft, which do not reject it."""
    doubts = [finding_text(doubt) for doubt in evidence.doubts]
    certificate = draft.certificate
    if certificate and certificate.near_duplicate:
        doubts.append(_similarity(certificate.near_duplicate))
    if certificate and certificate.is_ambiguous:
        models = comma_list(map(model_name, certificate.disagreeing))
        doubts.append(_("Ambiguous: %(models)s solved the task differently", models=models))
    return [_bad(text) for text in doubts]


def _similarity(near_duplicate: NearDuplicate) -> str:
    similarity = near_duplicate.similarity
    if near_duplicate.is_published:
        return _(
            "%(similarity)s%% identical to the published “%(name)s”",
            similarity=similarity,
            name=near_duplicate.name,
        )
    model = model_name(near_duplicate.of.partition("/r")[0])
    placeholders = {"similarity": similarity, "name": near_duplicate.name, "model": model}
    return _("%(similarity)s%% identical to “%(name)s” by %(model)s", **placeholders)


def _proofs(draft: DraftEvidence, evidence: Evidence) -> list[Statement]:
    good = [_passing(evidence, draft.draft.kind)] if evidence.solution_passes else []
    if evidence.starter_fails:
        good.append(_("The starter code fails the tests, as it should"))
    if evidence.repeatable:
        good.append(_(REPEATABLE[draft.draft.kind]))
    if evidence.mutants.total:
        good.append(_noticed(evidence.mutants.killed, evidence.mutants.total))
    if evidence.independent:
        good.append(_("The tests and the solution were written independently of each other"))
    if draft.certificate and draft.certificate.agreeing:
        models = comma_list(map(model_name, draft.certificate.agreeing))
        good.append(
            _("Solved with the same result, from the text alone, by %(models)s", models=models)
        )
    if draft.verification and draft.verification.attempt:
        good.append(_repaired(draft.verification.attempt))
    return [Statement(is_good=True, text=text) for text in good]


def _noticed(killed: int, total: int) -> str:
    return ngettext(
        "The tests notice %(killed)s of %(num)s planted mistake",
        "The tests notice %(killed)s of %(num)s planted mistakes",
        total,
        killed=killed,
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
    return Statement(is_good=False, text=text)
