"""Where an assignment comes from and what was proved: what every format carries along."""

from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint

NAMED = ("assignment", "course", "module", "generation", "draft", "model", "prompt_set")


def public(one: Assignment) -> Assignment:
    """Return the assignment without the address of the person who approved it."""
    return one.model_copy(update={"approved_by": ""})


def content_sha256(one: Assignment) -> str:
    """Return the fingerprint of what is exported."""
    return fingerprint(public(one).model_dump(mode="json"))


def certificate(one: Assignment) -> dict[str, Any]:
    """Return what was proved, without the examples in which learners could read an answer."""
    if one.certificate is None:
        return {}
    return one.certificate.model_dump(mode="json", exclude={"disagreements"})


def provenance(one: Assignment) -> dict[str, Any]:
    """Return models, prompts, decision, certificate and fingerprint."""
    return {
        **{name: getattr(one, name) for name in NAMED},
        "decision": "approved",
        "decided_at": one.approved_at,
        "certificate": certificate(one),
        "sha256": content_sha256(one),
    }
