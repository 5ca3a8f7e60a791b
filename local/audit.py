"""Looks for known vulnerabilities in locked packages: `python -m local.audit PIP_AUDIT FILE...`.

pip-audit skips packages that its source does not know, and ends with a stack trace if the
source cannot be reached. Here, neither counts as a pass.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = "osv"
SOURCE_ADDRESS = "https://api.osv.dev"
VULNERABLE, UNKNOWN = 1, 2


@dataclass
class Findings:
    """What is known about the packages in all files."""

    audited: set[str] = field(default_factory=set)
    vulnerable: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    failed_files: dict[str, list[str]] = field(default_factory=dict)  # by error

    def add(self, package: dict[str, Any]) -> None:
        """Add a package of pip-audit's report."""
        if "skip_reason" in package:
            self.skipped[package["name"]] = package["skip_reason"]
            return
        name = f"{package['name']} {package['version']}"
        self.audited.add(name)
        if package["vulns"]:
            self.vulnerable[name] = [describe(vulnerability) for vulnerability in package["vulns"]]

    @property
    def exit_code(self) -> int:
        """0 only if every package was audited and none is vulnerable."""
        if self.vulnerable:
            return VULNERABLE
        return UNKNOWN if self.skipped or self.failed_files else 0


def describe(vulnerability: dict[str, Any]) -> str:
    """Return a vulnerability's id and the versions that fix it."""
    fixes = ", ".join(vulnerability.get("fix_versions", [])) or "no fixed version"
    return f"{vulnerability['id']} (fixed in: {fixes})"


def audit(pip_audit: str, files: Sequence[Path]) -> Findings:
    """Audit the packages that requirement files lock."""
    findings = Findings()
    options = ["--format", "json", "--progress-spinner", "off", "--vulnerability-service", SOURCE]
    for file in files:
        command = [pip_audit, *options, "--disable-pip", "--require-hashes", "-r", str(file)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            packages = json.loads(run.stdout)["dependencies"]
        except (ValueError, KeyError, TypeError):
            findings.failed_files.setdefault(last_line(run.stderr), []).append(str(file))
            continue
        for package in packages:
            findings.add(package)
    return findings


def last_line(text: str) -> str:
    """Return the last line of a program's output, which names the error."""
    return (text.strip().splitlines() or ["no message"])[-1]


def report(findings: Findings) -> str:
    """Return the findings as text, the worst ones first."""
    lines = [f"{name}: {', '.join(found)}" for name, found in findings.vulnerable.items()]
    lines += [f"{name} was not audited: {reason}" for name, reason in findings.skipped.items()]
    for error, files in findings.failed_files.items():
        lines += [f"Not audited: {', '.join(files)}", f"  {error}"]
    if findings.failed_files:
        lines.append(f"Is {SOURCE_ADDRESS} reachable? Without it, vulnerabilities remain unknown.")
    vulnerable, audited = len(findings.vulnerable), len(findings.audited)
    lines.append(f"{audited} packages audited, {vulnerable} vulnerable")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Audit the files, print the findings and return the exit code."""
    pip_audit, *files = arguments
    findings = audit(pip_audit, [Path(file) for file in files])
    print(report(findings))
    return findings.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
