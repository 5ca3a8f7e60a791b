"""Turns numbers and evidence into words for a person."""

from datetime import datetime
from typing import Any

from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Twin
from coursewright.domain.records import Record
from coursewright.domain.review import Decision
from coursewright.domain.statistics import Share
from coursewright.steps.draft_evidence import DraftEvidence

MOST_IN_A_LINE = 160
DECISIONS = {
    Decision.APPROVED: "approved drafts for publication",
    Decision.CHANGES_REQUESTED: "asked for changes",
    Decision.REJECTED: "rejected all drafts",
}

AGREES = {
    Kind.PYTHON: "A second run with another seed agrees",
    Kind.SQL: "Rows put in in another order give the same answer",
}


class Finding(Record):
    """One thing that the sandbox found out, good or bad."""

    is_good: bool
    text: str


def day(moment: datetime) -> str:
    """Give a day as in a subject line: `25 Nov`."""
    return f"{moment.day} {moment:%b}"


def moment(at: datetime) -> str:
    """Give a moment with its zone: `Wed 25 Nov 2026, 19:04 UTC`."""
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M} {at.tzname() or ''}".strip()


def money(micros: int | None) -> str:
    """Give dollars from millionths, with the digits that matter."""
    if micros is None:
        return "unknown"
    dollars = micros / 1_000_000
    return f"${dollars:.2f}" if dollars >= 0.1 or micros == 0 else f"${dollars:.4f}"


def seconds(number: float) -> str:
    """Give a duration a person can compare."""
    if number >= 90:
        return f"{number / 60:.0f} min"
    return f"{number:.1f} s" if number < 10 else f"{number:.0f} s"


def percent(part: float) -> str:
    """Give a share in whole percent."""
    return f"{part * 100:.0f} %"


def share_words(share: Share) -> str:
    """Give a count with its uncertainty: `4 of 5 (38 to 96 %)`."""
    if not share.of:
        return "–"
    return f"{share.count} of {share.of} ({share.low * 100:.0f} to {share.high * 100:.0f} %)"


def count(number: int, noun: str) -> str:
    """Give a number with its noun, in the plural where it belongs."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def model_name(model: str) -> str:
    """Give a model's name without its provider."""
    return model.partition(":")[2] or model


def findings(one: DraftEvidence) -> tuple[Finding, ...]:
    """Say what is known about a draft, the reasons against it first."""
    if one.verification is None:
        return (_bad("The model declined to write all parts of this draft, so nothing was run."),)
    reasons = [_bad(str(reason["message"])) for reason in one.evidence.get("reasons", ())]
    if not one.is_verified and not reasons:
        reasons = [_bad("The draft was not verified.")]
    return (*reasons, *_doubts(one), *_proofs(one))


def evidence_line(one: DraftEvidence) -> str:
    """Say the most important finding in a line of a mail."""
    found = findings(one)
    if one.is_verified and one.certificate:
        return one_line(one.certificate.words)
    bad = next((finding.text for finding in found if not finding.is_good), "")
    return one_line(bad or "; ".join(_lower(finding.text) for finding in found[:2]))


def one_line(text: str) -> str:
    """Keep a text to a line of its own, so that it cannot pose as the rest of a mail."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MOST_IN_A_LINE else f"{flat[: MOST_IN_A_LINE - 1]}…"


def _doubts(one: DraftEvidence) -> list[Finding]:
    """Say what speaks against a draft without ruling it out."""
    promises = one.evidence.get("promises")
    doubts = []
    if promises and not promises["given"]:
        doubts.append("No promise says what the tests check")
    elif promises and (broken := len(promises["not_found"])):
        doubts.append(f"{count(broken, 'promise')} not found in the text, or of no test")
    doubts += one.evidence.get("notes", ())
    sealed = one.certificate
    if sealed and sealed.twin:
        doubts.append(f"{sealed.twin.likeness} % like {_twin(sealed.twin)}")
    if sealed and sealed.is_ambiguous:
        others = ", ".join(map(model_name, sealed.disagreeing))
        doubts.append(f"Ambiguous: {others} solved the text in another way")
    return [_bad(text) for text in doubts]


def _twin(twin: Twin) -> str:
    if twin.is_published:
        return f"the published “{twin.name}”"
    return f"“{twin.name}” by {model_name(twin.of.partition('/r')[0])}"


def _proofs(one: DraftEvidence) -> list[Finding]:
    evidence = one.evidence
    good = [_passing(evidence, one.draft.kind)] if evidence.get("solution_passes") else []
    if evidence.get("starter_fails"):
        good.append("The starter fails, as it should")
    if evidence.get("repeatable"):
        good.append(AGREES[one.draft.kind])
    mutants = evidence.get("mutants") or {}
    if mutants.get("total"):
        killed, total = mutants["killed"], mutants["total"]
        good.append(f"The tests notice {killed} of {count(total, 'planted mistake')}")
    if evidence.get("independent"):
        good.append("Tests and solution were written without sight of each other")
    if one.certificate and one.certificate.agreeing:
        others = ", ".join(map(model_name, one.certificate.agreeing))
        good.append(f"Solved from the text alone in the same way by {others}")
    if one.verification and one.verification.attempt:
        good.append(f"Mended by the agents {_times(one.verification.attempt)}")
    return [Finding(is_good=True, text=text) for text in good]


def _passing(evidence: dict[str, Any], kind: Kind) -> str:
    run = evidence.get("tests_run", 0)
    if kind is Kind.SQL:
        return f"The solution answers {count(run, 'dataset')} as expected"
    return f"{count(run, 'test')} {'passes' if run == 1 else 'pass'} on the solution"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _bad(text: str) -> Finding:
    return Finding(is_good=False, text=text)
