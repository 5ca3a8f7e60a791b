"""Prompts built at the start of a round: what was counted then is what the agents send."""

from pydantic import Field

from coursewright.agents.prompt_templates import Prompt, prompt_set
from coursewright.domain.base import Record
from coursewright.domain.model_call import Agent
from coursewright.ports.agents import BuiltPrompts

BETWEEN = "\n\n"  # what `Prompt.text` puts between system message and task


class BuiltText(Record):
    """Pointer to a stored text, and the prompt set that it was rendered from."""

    prompt_set: str
    sha256: str


class BuiltPrompt(BuiltText):
    """Pointer to a stored prompt, with the lengths that divide it into its parts."""

    system_chars: int
    shared_chars: int


class ModelPrompt(Record):
    """A model's conditions prompt in a round, or why the round ends for this model.

    A model that is sent no prompt, because its drafts are imported, has neither.
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
    """Return a built text, or None if it has to be rendered again.

    That is so if prompts were deployed since, as before a redrive, or if the text has expired.
    """
    if pointer is None or pointer.prompt_set != prompt_set():
        return None
    return built_prompts.read(pointer.sha256)


def load_prompt(pointer: BuiltPrompt | None, built_prompts: BuiltPrompts) -> Prompt | None:
    """Return a built prompt, or None if it has to be rendered again."""
    text = load_text(pointer, built_prompts)
    if pointer is None or text is None:
        return None
    task = text[pointer.system_chars + len(BETWEEN) :]
    return Prompt(text[: pointer.system_chars], task, shared=pointer.shared_chars)
