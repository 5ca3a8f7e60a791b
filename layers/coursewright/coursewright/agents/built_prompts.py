"""Prompts built at the start of a round, so that agents send exactly what was counted."""

from pydantic import Field

from coursewright.agents.prompt_templates import Prompt, prompt_set
from coursewright.domain.base import Record
from coursewright.domain.model_call import Agent
from coursewright.ports.agents import BuiltPrompts

BETWEEN = "\n\n"  # separates system message and task in `Prompt.text`


class BuiltText(Record):
    """A pointer to a stored text, with the prompt set from which it was rendered."""

    prompt_set: str
    sha256: str


class BuiltPrompt(BuiltText):
    """A pointer to a stored prompt, with the lengths of its parts."""

    system_chars: int
    shared_chars: int


class ModelPrompt(Record):
    """A model's conditions prompt in a round, or the reason why the round ends for this model.

    Neither is set if no prompt is sent because the model's drafts are imported.
    """

    model: str
    prompt: BuiltPrompt | None = None
    tokens: dict[Agent, int] = Field(default_factory=dict)
    outcome: str = ""
    error: str = ""
    reason: str = ""


def point_to_prompt(prompt: Prompt, sha256: str) -> BuiltPrompt:
    """Return the pointer to a stored prompt."""
    return BuiltPrompt(
        prompt_set=prompt_set(),
        sha256=sha256,
        system_chars=len(prompt.system),
        shared_chars=prompt.shared,
    )


def load_text(pointer: BuiltText | None, built_prompts: BuiltPrompts) -> str | None:
    """Return a built text, or None if it must be rendered again.

    This is the case if new prompts were deployed since (before a redrive, for example) or if the
    text has expired.
    """
    if pointer is None or pointer.prompt_set != prompt_set():
        return None
    return built_prompts.read(pointer.sha256)


def load_prompt(pointer: BuiltPrompt | None, built_prompts: BuiltPrompts) -> Prompt | None:
    """Return a built prompt, or None if it must be rendered again."""
    text = load_text(pointer, built_prompts)
    if pointer is None or text is None:
        return None
    task = text[pointer.system_chars + len(BETWEEN) :]
    return Prompt(text[: pointer.system_chars], task, shared=pointer.shared_chars)
