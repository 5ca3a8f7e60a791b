"""Prompts are Markdown files with strict gaps; what others wrote stands inside a fence."""

from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

from coursewright.domain.base import text_sha256

FOLDER = Path(__file__).parent / "prompts"


@dataclass(frozen=True)
class Prompt:
    """What one model call is told: the part that never changes first, so that caches hit."""

    system: str
    task: str
    shared: int = 0  # how many characters of the task all drafts of a generation have in common

    def with_system(self, system: str) -> "Prompt":
        """Return the same prompt with another first part."""
        return replace(self, system=system)

    @property
    def text(self) -> str:
        """The whole prompt as it is kept."""
        return f"{self.system}\n\n{self.task}"


def render(name: str, **placeholders: str) -> str:
    """Fill a prompt file's gaps.

    Raises: ValueError names a gap that is missing or superfluous.
    """
    template = Template(_text(name))
    if not template.is_valid():
        raise ValueError(f"prompt {name} has a broken gap")
    wanted = set(template.get_identifiers())
    if wanted != set(placeholders):
        difference = ", ".join(sorted(wanted ^ set(placeholders)))
        raise ValueError(f"prompt {name}: missing or superfluous gap: {difference}")
    return template.substitute(placeholders).strip()


def fence(what: str, content: str) -> str:
    """Enclose what others wrote in marks that its own words cannot close.

    The mark is made of the content's sha256: a text that contains it cannot be written.
    """
    mark = f"{what}-{text_sha256(content)[:16]}"
    return f"<{mark}>\n{content}\n</{mark}>"


@cache
def prompt_set() -> str:
    """Return the version of all prompt files together."""
    digest = sha256()
    for path in sorted(FOLDER.rglob("*.md")):
        digest.update(
            path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()[:12]


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
