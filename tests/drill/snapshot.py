"""Snapshots of the data that a finished run leaves behind, with times and random names masked."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MASKS = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"), "<time>"),
    (re.compile(r"arn:aws:states:[\w:.-]+"), "<run>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\b[a-z]+_[a-z]+-\d+\b"), "<invocation>"),
    (re.compile(r"practice-[0-9a-f]{16,24}\b"), "<request>"),
    (re.compile(r"/r/[\w.~-]+"), "/r/<link>"),
    (re.compile(r"\b\d{3} ?\d{3}\b"), "<digits>"),
    (re.compile(r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"), "<weekday>"),
    # A redrive can happen on the next day; the parts of a date are joined by no-break spaces.
    (re.compile(r"\b([MTWFS]\w\w\s)?\d{1,2}\s\w{3,9}\s\d{4}\b(,?\s\d\d:\d\d)?"), "<day>"),
    (re.compile(r"\b\d{1,2}\s(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"), "<day>"),
    (re.compile(r'(\w*(?:seconds|duration_ms)\w*\\*"): ?-?[\d.]+'), r"\1: <seconds>"),
    (re.compile(r'("call_seconds"): \[[^]]*\]'), r"\1: <seconds>"),
    (
        re.compile(
            r'((?:link_salt|author_salt|shown_sha256|content_sha256|expiry)\\*"): ?\\*"[\w-]+\\*"'
        ),
        r"\1: <seal>",
    ),
    (re.compile(r"#[0-9a-f]{12}\b"), "#<entry>"),
    (re.compile(r"\bperson:[0-9a-f]{16}\b"), "person:<name>"),
]
VARYING = {
    "task_token",
    "lease",
    "lease_until",
    "expires",
    "expires_at",
    "shown_sha256",
    "stored_at",
}


@dataclass(frozen=True)
class Snapshot:
    """A finished run's status, records, emails, events and paid model calls."""

    end: str
    table: Counter[str]
    objects: Counter[str]
    mails: Counter[str]
    publications: Counter[str]
    paid: Counter[tuple[str, str]]

    def differences(self, other: "Snapshot") -> list[str]:
        """Describe every difference between this run and another."""
        found = [] if self.end == other.end else [f"end: {other.end} instead of {self.end}"]
        for name in ("table", "objects", "mails", "publications"):
            mine: Counter[str] = getattr(self, name)
            theirs: Counter[str] = getattr(other, name)
            found += [f"{name}: missing {record[:300]}" for record in (mine - theirs).elements()]
            found += [f"{name}: unexpected {record[:300]}" for record in (theirs - mine).elements()]
        return found

    def paid_again(self, other: "Snapshot") -> int:
        """Count the calls that another run paid for beyond those of this run."""
        return sum((other.paid - self.paid).values())


def masked(text: str, generation: str) -> str:
    """Mask everything that differs between any two runs."""
    text = text.replace(generation, "<generation>")
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def item_text(item: dict[str, Any], generation: str) -> str:
    """Return a table item as one line that is identical in every run."""
    drop = VARYING | ({"sha256"} if item["PK"]["S"].startswith("MODULE#") else set())
    if item["SK"]["S"].startswith("ACCESS#"):
        drop |= {"attempts"}  # if the answer is lost, an attempt counts twice: the safe side
    names = sorted(name for name in item if name not in drop)
    values = [f"{name}={next(iter(item[name].values()))}" for name in names]
    first = f"{item['PK']['S']} {item['SK']['S']}"
    return masked(" | ".join([first, *values]), generation)


def counted(texts: Iterable[str], generation: str) -> Counter[str]:
    """Mask the texts and count them."""
    return Counter(masked(text, generation) for text in texts)
