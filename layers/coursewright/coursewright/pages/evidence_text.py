"""Says in words what is known of a draft, in the language that is spoken."""

from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Certificate, NearDuplicate
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.markup.formatting import count, listed, model_name, one_line
from coursewright.markup.i18n import N_, _, ngettext
from coursewright.pages.known_words import said_again

AGREES = {
    Kind.PYTHON: N_("A second run with another seed agrees"),
    Kind.SQL: N_("Rows put in in another order give the same answer"),
}


class Finding(Record):
    """One thing that the sandbox found out, good or bad."""

    is_good: bool
    text: str


def findings(one: DraftEvidence) -> tuple[Finding, ...]:
    """Say what is known about a draft, the reasons against it first."""
    if one.verification is None:
        said = _("The model declined to write all parts of this draft, so nothing was run.")
        return (_bad(said),)
    reasons = [_bad(said_again(str(reason["message"]))) for reason in _reasons(one)]
    if not one.is_verified and not reasons:
        reasons = [_bad(_("The draft was not verified."))]
    return (*reasons, *_doubts(one), *_proofs(one))


def evidence_line(one: DraftEvidence) -> str:
    """Say the most important finding in a line of a mail."""
    found = findings(one)
    if one.is_verified and one.certificate:
        return one_line(certificate_words(one))
    bad = next((finding.text for finding in found if not finding.is_good), "")
    return one_line(bad or ". ".join(finding.text for finding in found[:2]))


def certificate_words(one: DraftEvidence) -> str:
    """Say in a line what is proved of a draft."""
    sealed = one.certificate
    if sealed is None:
        return ""
    said = [*_counted(sealed, one), *_others_say(sealed)]
    return listed(said if sealed.verified else [_("not verified"), *said])


def _counted(sealed: Certificate, one: DraftEvidence) -> list[str]:
    said = []
    if sealed.tests:
        said.append(count(sealed.tests, "dataset" if one.draft.kind is Kind.SQL else "test"))
    if sealed.mutants:
        killed = {"killed": sealed.mutants_killed, "total": sealed.mutants}
        said.append(_("%(killed)s of %(total)s mutants killed", **killed))
    if one.evidence:
        said.append(_("starter fails") if sealed.starter_fails else _("starter passes"))
    return said


def _others_say(sealed: Certificate) -> list[str]:
    said = []
    if sealed.agreeing:
        said.append(_agreeing(len(sealed.agreeing) + 1))
    if sealed.is_ambiguous:
        others = listed(map(model_name, sealed.disagreeing))
        said.append(_("ambiguous (answered otherwise by %(models)s)", models=others))
    if sealed.attempt:
        said.append(_mended(sealed.attempt))
    if sealed.near_duplicate:
        said.append(_("near copy of “%(name)s”", name=sealed.near_duplicate.name))
    return said


def _agreeing(number: int) -> str:
    if number == 2:
        return _("two models agree")
    return ngettext("%(num)s model agrees", "%(num)s models agree", number)


def _mended(number: int) -> str:
    if number == 1:
        return _("mended once")
    if number == 2:
        return _("mended twice")
    return ngettext("mended %(num)s time", "mended %(num)s times", number)


def _doubts(one: DraftEvidence) -> list[Finding]:
    """Say what speaks against a draft without ruling it out."""
    requirements = one.evidence.get("requirements")
    doubts = []
    if requirements and not requirements["given"]:
        doubts.append(_("No requirement says what the tests check"))
    elif requirements and (broken := len(requirements["not_found"])):
        doubts.append(
            ngettext(
                "%(num)s requirement not found in the text, or of no test",
                "%(num)s requirements not found in the text, or of no test",
                broken,
            )
        )
    doubts += [said_again(note) for note in one.evidence.get("notes", ())]
    sealed = one.certificate
    if sealed and sealed.near_duplicate:
        doubts.append(_similarity(sealed.near_duplicate))
    if sealed and sealed.is_ambiguous:
        others = listed(map(model_name, sealed.disagreeing))
        doubts.append(_("Ambiguous: %(models)s solved the text in another way", models=others))
    return [_bad(text) for text in doubts]


def _similarity(near_duplicate: NearDuplicate) -> str:
    similarity = near_duplicate.similarity
    if near_duplicate.is_published:
        return _(
            "%(similarity)s %% like the published “%(name)s”",
            similarity=similarity,
            name=near_duplicate.name,
        )
    model = model_name(near_duplicate.of.partition("/r")[0])
    placeholders = {"similarity": similarity, "name": near_duplicate.name, "model": model}
    return _("%(similarity)s %% like “%(name)s” by %(model)s", **placeholders)


def _proofs(one: DraftEvidence) -> list[Finding]:
    evidence = one.evidence
    good = [_passing(evidence, one.draft.kind)] if evidence.get("solution_passes") else []
    if evidence.get("starter_fails"):
        good.append(_("The starter fails, as it should"))
    if evidence.get("repeatable"):
        good.append(_(AGREES[one.draft.kind]))
    mutants = evidence.get("mutants") or {}
    if mutants.get("total"):
        good.append(_noticed(mutants["killed"], mutants["total"]))
    if evidence.get("independent"):
        good.append(_("Tests and solution were written without sight of each other"))
    if one.certificate and one.certificate.agreeing:
        others = listed(map(model_name, one.certificate.agreeing))
        good.append(_("Solved from the text alone in the same way by %(models)s", models=others))
    if one.verification and one.verification.attempt:
        good.append(_mended_by_agents(one.verification.attempt))
    return [Finding(is_good=True, text=text) for text in good]


def _noticed(killed: int, total: int) -> str:
    return ngettext(
        "The tests notice %(killed)s of %(num)s planted mistake",
        "The tests notice %(killed)s of %(num)s planted mistakes",
        total,
        killed=killed,
    )


def _mended_by_agents(number: int) -> str:
    if number == 1:
        return _("Mended by the agents once")
    if number == 2:
        return _("Mended by the agents twice")
    return ngettext(
        "Mended by the agents %(num)s time", "Mended by the agents %(num)s times", number
    )


def _passing(evidence: dict[str, Any], kind: Kind) -> str:
    run = evidence.get("tests_run", 0)
    if kind is Kind.SQL:
        return ngettext(
            "The solution answers %(num)s dataset as expected",
            "The solution answers %(num)s datasets as expected",
            run,
        )
    return ngettext(
        "%(num)s test passes on the solution", "%(num)s tests pass on the solution", run
    )


def _reasons(one: DraftEvidence) -> list[dict[str, Any]]:
    return list(one.evidence.get("reasons", ()))


def _bad(text: str) -> Finding:
    return Finding(is_good=False, text=text)
