"""Verifies a draft from a file and tells its evidence readably."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from coursewright.domain.assignment import Authorship, Draft, DraftTests
from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.certificate import certificate_of
from coursewright.domain.errors import EventInvalid
from coursewright.domain.verification import Repair, Verdict, Verification
from coursewright.verification.check import check
from coursewright.verification.check_request import parse_request
from coursewright.verification.requirements.requirement_coverage import (
    check_requirements,
    with_requirements,
)

TEXT_PARTS = ("name", "text", "requirements")
AUTHORSHIP = Authorship(prompt_set="", prompt_sha256="")


class Verified(Record):
    """What became of a file's draft."""

    verdict: Verdict
    evidence: dict[str, Any]
    words: str


def verify(path: Path) -> Verified:
    """Check the draft in a file: the input of `check_code`, and if wanted text and requirements.

    Raises: EventInvalid or SandboxUnavailable.
    """
    parts = _read(path)
    about = {name: parts.pop(name) for name in TEXT_PARTS if name in parts}
    if parts.get("kind") == Kind.SQL:
        parts["text"] = about.get("text", "")
    evidence = check(parse_request(parts)).model_dump(mode="json")
    if "text" in about:
        draft, tests = _written(parts, about)
        evidence = with_requirements(evidence, check_requirements(draft, tests))
    verification = Verification(
        draft=path.stem,
        attempt=0,
        verdict=Verdict(evidence["verdict"]),
        repair=Repair.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence=evidence,
    )
    sealed = certificate_of(path.stem, Kind(parts["kind"]), verification)
    return Verified(verdict=verification.verdict, evidence=evidence, words=sealed.words)


def tell(verified: Verified, console: Console) -> None:
    """Print the evidence for a person."""
    evidence, requirements = verified.evidence, verified.evidence.get("requirements") or {}
    is_good = verified.verdict is Verdict.VERIFIED
    console.print(verified.verdict.upper(), style="bold green" if is_good else "bold red")
    console.print(verified.words, markup=False)
    listed = {
        "Reasons": [f"{one['message']} ({one['code']})" for one in evidence["reasons"]],
        "Tests that fail on the solution": [
            f"{one['test']}\n{one['message']}" for one in evidence["failures"]
        ],
        "Planted mistakes that the tests did not notice": evidence["mutants"]["survivors"],
        "Notes": evidence["notes"],
        "Requirements that do not hold": [
            f"{one['test']}: {one['quote']}" for one in requirements.get("not_found", ())
        ],
        "Sentences that have no test": requirements.get("sentences_without", ()),
    }
    for title, lines in listed.items():
        if lines:
            console.print(f"\n{title}", style="bold")
        for line in lines:
            console.print("- " + line.replace("\n", "\n  "), markup=False)
    console.print(f"in {evidence['duration_ms']} ms", style="dim")


def _read(path: Path) -> dict[str, Any]:
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EventInvalid(path.name, f"cannot be read as JSON: {error}") from error
    if not isinstance(parts, dict):
        raise EventInvalid(path.name, "is no JSON object")
    return parts


def _written(parts: dict[str, Any], about: dict[str, Any]) -> tuple[Draft, DraftTests]:
    draft = {
        "draft": "file",
        "generation": "",
        "round": 1,
        "model": "",
        "number": 1,
        "kind": parts["kind"],
        "name": about.get("name", ""),
        "text": about["text"],
        "code": parts["starter"],
        "file_name": parts.get("file_name", ""),
        "difficulty": 1,
        "concepts": (),
        "schema_sql": parts.get("schema_sql", ""),
        "authorship": AUTHORSHIP,
    }
    tests = {
        "draft": "file",
        "attempt": 0,
        "tests": parts.get("tests", ""),
        "datasets": parts.get("datasets", ()),
        "ordered": parts.get("ordered", False),
        "requirements": about.get("requirements", ()),
        "authorship": AUTHORSHIP,
    }
    try:
        return Draft.model_validate(draft), DraftTests.model_validate(tests)
    except ValueError as error:
        raise EventInvalid("text or requirements", str(error)) from error
