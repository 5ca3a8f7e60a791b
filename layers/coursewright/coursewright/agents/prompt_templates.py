"""Renders prompts from Markdown files with strict placeholders, and fences untrusted text."""

from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

from coursewright.domain.base import text_sha256

FOLDER = Path(__file__).parent / "prompts"


@dataclass(frozen=True)
class Prompt:
    """The prompt of one model call; the part that never changes comes first, for caching."""

    system: str
    task: str
    shared: int = 0  # length of the task's prefix shared by all drafts of a generation

    def with_system(self, system: str) -> "Prompt":
        """Return the prompt with a different system message."""
        return replace(self, system=system)

    @property
    def text(self) -> str:
        """The whole prompt in the form in which it is stored."""
        return f"{self.system}\n\n{self.task}"


def render(name: str, **placeholders: str) -> str:
    """Fill the placeholders of a prompt file.

    Raises: ValueError, naming a placeholder that is missing or unknown.
    """
    template = Template(_read(name))
    if not template.is_valid():
        raise ValueError(f"prompt {name} has an invalid placeholder")
    expected = set(template.get_identifiers())
    if expected != set(placeholders):
        difference = ", ".join(sorted(expected ^ set(placeholders)))
        raise ValueError(f"prompt {name}: missing or unknown placeholder: {difference}")
    return template.substitute(placeholders).strip()


def fence(label: str, content: str) -> str:
    """Enclose untrusted text in tags that the text itself cannot close.

    The tag contains the text's own sha256, so the text cannot contain its own tag.
    """
    tag = f"{label}-{text_sha256(content)[:16]}"
    return f"<{tag}>\n{content}\n</{tag}>"


@cache
def prompt_set() -> str:
    """Return a fingerprint of all prompt files, which identifies their version."""
    digest = sha256()
    for path in sorted(FOLDER.rglob("*.md")):
        digest.update(
            path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()[:12]


@cache
def _read(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
