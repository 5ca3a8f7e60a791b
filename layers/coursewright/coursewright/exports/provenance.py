"""The provenance of an assignment and what was proved of it, included in every format."""

from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint

FIELDS = ("assignment", "course", "module", "generation", "draft", "model", "prompt_set")


def public(assignment: Assignment) -> Assignment:
    """Return the assignment without the reviewer's email address."""
    return assignment.model_copy(update={"approved_by": ""})


def content_sha256(assignment: Assignment) -> str:
    """Return the fingerprint of what is exported."""
    return fingerprint(public(assignment).model_dump(mode="json"))


def certificate(assignment: Assignment) -> dict[str, Any]:
    """Return the certificate without the examples, from which learners could read an answer."""
    if assignment.certificate is None:
        return {}
    return assignment.certificate.model_dump(mode="json", exclude={"disagreements"})


def provenance(assignment: Assignment) -> dict[str, Any]:
    """Return models, prompts, decision, certificate and fingerprint."""
    return {
        **{name: getattr(assignment, name) for name in FIELDS},
        "decision": "approved",
        "decided_at": assignment.approved_at,
        "certificate": certificate(assignment),
        "sha256": content_sha256(assignment),
    }
