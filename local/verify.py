"""Verifies a draft from a file and prints its evidence."""

import json
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.console import Console

from coursewright.domain.assignment import Authorship, Draft, DraftTests
from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Certificate, build_certificate
from coursewright.domain.errors import EventInvalid
from coursewright.domain.evidence import Evidence, Finding, RepairTarget, Verdict
from coursewright.domain.verification import Verification
from coursewright.markup.evidence_text import (
    difference_text,
    failure_message,
    finding_text,
    measurements_text,
    verdict_text,
)
from coursewright.verification.check import check
from coursewright.verification.check_request import parse_request
from coursewright.verification.requirements.requirement_coverage import (
    check_requirements,
    with_requirements,
)

TEXT_PARTS = ("name", "text", "requirements")
OTHER_NAMES = {"promises": "requirements"}  # names that other collections use for a part
AUTHORSHIP = Authorship(prompt_set="", prompt_sha256="")


class Verified(Record):
    """The evidence on a file's draft, with its certificate."""

    evidence: Evidence
    certificate: Certificate
    kind: Kind

    @property
    def verdict(self) -> Verdict:
        """The verdict in the evidence."""
        return self.evidence.verdict


def verify(path: Path) -> Verified:
    """Check a draft file: the input of `check_code`, optionally with text and requirements.

    Raises: EventInvalid or SandboxUnavailable.
    """
    parts = _read(path)
    about = {name: parts.pop(name) for name in TEXT_PARTS if name in parts}
    evidence = check(parse_request(parts | {"text": about.get("text", "")}))
    if "text" in about:
        draft, tests = _draft_and_tests(parts, about)
        evidence = with_requirements(evidence, check_requirements(draft, tests))
    verification = Verification(
        draft=path.stem,
        attempt=0,
        verdict=evidence.verdict,
        repair=RepairTarget.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence=evidence,
    )
    certificate = build_certificate(path.stem, verification)
    return Verified(evidence=evidence, certificate=certificate, kind=Kind(parts["kind"]))


def print_evidence(verified: Verified, console: Console) -> None:
    """Print the evidence in readable form, doubts first."""
    evidence, is_good = verified.evidence, verified.verdict is Verdict.VERIFIED
    heading = verdict_text(is_verified=is_good, doubts=len(evidence.doubts))
    colour = ("yellow" if evidence.doubts else "green") if is_good else "red"
    console.print(heading.upper(), style=f"bold {colour}")
    _print_lines(measurements_text(verified.certificate, verified.kind), console)
    for title, items in _sections(evidence).items():
        shown = list(items)
        if shown:
            console.print(f"\n{title}", style="bold")
        for item in shown:
            _print_lines(item, console, bullet="- ")
    console.print(
        f"\nChecked by version {evidence.verifier_version} of the verifier"
        f" in {evidence.duration_ms} ms",
        style="dim",
    )


def print_json(verified: Verified, console: Console) -> None:
    """Print the complete evidence as JSON."""
    console.print(
        verified.evidence.model_dump_json(indent=2), markup=False, highlight=False, soft_wrap=True
    )


def _print_lines(text: str, console: Console, *, bullet: str = "") -> None:
    """Print text wrapped to the console's width, indented below its bullet."""
    indent = " " * len(bullet)
    for number, line in enumerate(text.splitlines()):
        wrapped = fill(
            line,
            console.width,
            initial_indent=indent if number else bullet,
            subsequent_indent=indent,
        )
        console.print(wrapped, markup=False, highlight=False, soft_wrap=True)


def _sections(evidence: Evidence) -> dict[str, Iterable[str]]:
    coverage = evidence.requirements
    not_found = coverage.not_found if coverage else ()
    blocking = [doubt for doubt in evidence.doubts if doubt.blocking]
    remarks = [doubt for doubt in evidence.doubts if not doubt.blocking]
    return {
        "Doubts to confirm before publication": map(_item, blocking),
        "Other doubts" if blocking else "Doubts": map(_item, remarks),
        "Reasons": map(_item, evidence.reasons),
        "Tests that the solution fails": (
            f"{f.test}\n{failure_message(f)}" for f in evidence.failures
        ),
        "Planted mistakes that the tests did not notice": evidence.mutants.survivors,
        "Planted mistakes that may have no effect": evidence.mutants.unproven,
        "Inputs for which the reference solution differs": map(
            difference_text, evidence.differences
        ),
        "Requirements that are not in the text or have no test": (
            f"{each.test}: {each.quote}" for each in not_found
        ),
    }


def _item(finding: Finding) -> str:
    return f"{finding_text(finding)} ({finding.code})"


def _read(path: Path) -> dict[str, Any]:
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EventInvalid(path.name, f"cannot be read as JSON: {error}") from error
    if not isinstance(parts, dict):
        raise EventInvalid(path.name, "is not a JSON object")
    names: dict[str, Any] = parts
    return {OTHER_NAMES.get(name, name): value for name, value in names.items()}


def _draft_and_tests(parts: dict[str, Any], about: dict[str, Any]) -> tuple[Draft, DraftTests]:
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
