"""The certificate and the doubts about an assignment, for teachers; learners must not see them."""

from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.evidence import Finding, Verdict
from coursewright.markup.evidence_text import certificate_text, finding_text, verdict_text
from coursewright.markup.i18n import use_language


def teacher_note(assignment: Assignment) -> dict[str, Any]:
    """Return the certificate as one line, the doubts as sentences, and the confirmed doubts."""
    certificate, *doubts = note_lines(assignment)
    return {
        "certificate_text": certificate,
        "doubts": doubts,
        "confirmed_doubts": list(assignment.confirmed_doubts),
    }


def note_lines(assignment: Assignment) -> list[str]:
    """Return the certificate and each doubt as one line, in the language of the assignment."""
    certificate = assignment.certificate
    with use_language(assignment.language):
        doubts = map(finding_text, _doubts(assignment))
        summary = certificate_text(certificate, assignment.kind) if certificate else ""
        return [_line(text) for text in (summary or badge_text(assignment), *doubts)]


def badge_text(assignment: Assignment) -> str:
    """Return the verdict with the number of doubts, in the language of the assignment."""
    is_verified = assignment.evidence.verdict is Verdict.VERIFIED
    with use_language(assignment.language):
        return verdict_text(is_verified=is_verified, doubts=len(_doubts(assignment)))


def _doubts(assignment: Assignment) -> tuple[Finding, ...]:
    certificate = assignment.certificate
    return assignment.evidence.doubts if certificate is None else certificate.doubts


def _line(text: str) -> str:
    """Return the text on one line, without characters that a file format could reject."""
    return "".join(filter(str.isprintable, " ".join(text.split())))
