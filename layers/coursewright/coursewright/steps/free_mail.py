"""Reads the domains of email providers with which anyone can register."""

from functools import cache
from pathlib import Path


@cache
def free_mail_domains() -> frozenset[str]:
    """Return the domains; the file names their source."""
    text = (Path(__file__).parent / "free_mail_domains.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
