"""What a run leaves behind, without what differs between any two runs: times and random names."""

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
    # A redrive after an hour may be one on the next day; days are held together by hard spaces.
    (re.compile(r"\b([MTWFS]\w\w\s)?\d{1,2}\s\w{3,9}\s\d{4}\b(,?\s\d\d:\d\d)?"), "<day>"),
    (re.compile(r"\b\d{1,2}\s(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"), "<day>"),
    (re.compile(r'(\w*(?:seconds|duration_ms)\w*\\*"): ?-?[\d.]+'), r"\1: <seconds>"),
    (re.compile(r'("call_seconds"): \[[^]]*\]'), r"\1: <seconds>"),
    (
        re.compile(r'((?:link_salt|shown_sha256|content_sha256|expiry)\\*"): ?\\*"[\w-]+\\*"'),
        r"\1: <seal>",
    ),
    (re.compile(r"#[0-9a-f]{12}\b"), "#<entry>"),
    (re.compile(r"\bperson:[0-9a-f]{16}\b"), "person:<name>"),
]
UNLIKE = {
    "task_token",
    "lease",
    "lease_until",
    "expires",
    "expires_at",
    "shown_sha256",
    "stored_at",
}


@dataclass(frozen=True)
class Remains:
    """A finished run: its end, its records, its mails, its events and its paid calls."""

    end: str
    table: Counter[str]
    objects: Counter[str]
    mails: Counter[str]
    publications: Counter[str]
    paid: Counter[tuple[str, str]]

    def differences(self, other: "Remains") -> list[str]:
        """Say in which records another run differs."""
        found = [] if self.end == other.end else [f"end: {other.end} instead of {self.end}"]
        for name in ("table", "objects", "mails", "publications"):
            mine: Counter[str] = getattr(self, name)
            theirs: Counter[str] = getattr(other, name)
            found += [f"{name}: missing {one[:300]}" for one in (mine - theirs).elements()]
            found += [f"{name}: besides {one[:300]}" for one in (theirs - mine).elements()]
        return found

    def paid_again(self, other: "Remains") -> int:
        """Count the calls that another run paid beyond this one's."""
        return sum((other.paid - self.paid).values())


def masked(text: str, generation: str) -> str:
    """Replace what differs between any two runs."""
    text = text.replace(generation, "<generation>")
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def item_text(item: dict[str, Any], generation: str) -> str:
    """Write an item of the table in one line, alike in every run."""
    drop = UNLIKE | ({"sha256"} if item["PK"]["S"].startswith("MODULE#") else set())
    kept = sorted(name for name in item if name not in drop)
    told = [f"{name}={next(iter(item[name].values()))}" for name in kept]
    first = f"{item['PK']['S']} {item['SK']['S']}"
    return masked(" | ".join([first, *told]), generation)


def counted(texts: Iterable[str], generation: str) -> Counter[str]:
    """Count texts after masking."""
    return Counter(masked(text, generation) for text in texts)
