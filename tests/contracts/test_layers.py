"""Layers that are combined in a function agree on the version of every package."""

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = [*ROOT.glob("layers/*/requirements.txt"), ROOT / "requirements-dev.txt"]


def test_no_two_locks_pin_one_package_differently() -> None:
    pinned: dict[str, set[str]] = defaultdict(set)
    for lock in LOCKS:
        for name, version in re.findall(r"^([a-z0-9_.-]+)==([^ ;]+)", lock.read_text(), re.M):
            pinned[name].add(version)

    assert {name: found for name, found in pinned.items() if len(found) > 1} == {}
    assert {"langchain-anthropic", "langchain-google-genai", "langchain-openai"} <= set(pinned)


def test_every_pinned_package_has_a_hash_and_no_lock_names_a_registry() -> None:
    texts = [lock.read_text() for lock in LOCKS]

    assert [text.count("==") > 0 and "--hash=sha256:" in text for text in texts] == [True] * len(
        texts
    )
    assert not any("://" in text for text in texts)
