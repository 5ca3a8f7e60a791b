"""An assignment's origin and evidence, included in every format."""

from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint

ORIGIN_FIELDS = ("assignment", "course", "module", "generation", "draft", "model", "prompt_set")


def without_reviewer(assignment: Assignment) -> Assignment:
    """Return the assignment without its approver's email address."""
    return assignment.model_copy(update={"approved_by": ""})


def content_sha256(assignment: Assignment) -> str:
    """Return the SHA-256 of the exported content."""
    return fingerprint(without_reviewer(assignment).model_dump(mode="json"))


def public_certificate(assignment: Assignment) -> dict[str, Any]:
    """Return the certificate without anything that would reveal answers or gaps to learners."""
    if assignment.certificate is None:
        return {}
    return assignment.certificate.model_dump(mode="json", exclude={"disagreements", "doubts"})


def provenance(assignment: Assignment) -> dict[str, Any]:
    """Return the model, prompts, decision, certificate and checksum."""
    return {
        **{name: getattr(assignment, name) for name in ORIGIN_FIELDS},
        "decision": "approved",
        "decided_at": assignment.approved_at,
        "certificate": public_certificate(assignment),
        "sha256": content_sha256(assignment),
    }
