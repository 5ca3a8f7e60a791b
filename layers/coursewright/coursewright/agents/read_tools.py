"""What an agent may read in the mode `explore`: bounded, fenced, and without any effect."""

from collections.abc import Iterable

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, ConfigDict, Field

from coursewright.agents.deps import AgentDeps
from coursewright.agents.prompt_templates import fence
from coursewright.domain.assignment import Assignment, Draft
from coursewright.domain.generation import GenerationRequest

MAX_READ_CHARS = 12_000
MAX_LISTED_ITEMS = 40


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    part: int = Field(default=1, ge=1, description="Which part of a long lesson, from 1.")


def build_read_tools(
    request: GenerationRequest, model: str, round_number: int, deps: AgentDeps
) -> tuple[BaseTool, ...]:
    """Return the tools; whose drafts and which module they read is not the model's choice."""

    def read_lesson(part: int = 1) -> str:
        lesson = deps.lessons.read(request.lesson)
        parts = -(-len(lesson) // MAX_READ_CHARS) or 1
        if part > parts:
            return f"There is no part {part}: the lesson has {parts}."
        start = (part - 1) * MAX_READ_CHARS
        piece = fence("lesson", lesson[start : start + MAX_READ_CHARS])
        return f"Part {part} of {parts}:\n{piece}"

    def list_published() -> str:
        found = deps.assignments.of_module(request.course.id, request.module.id)
        return _listed(_line(one) for one in found)

    def list_own_drafts() -> str:
        rounds = (deps.drafts.of_round(request.generation, at) for at in range(1, round_number))
        own = (one for drafts in rounds for one in drafts if one.model == model)
        return _listed(_line(one) for one in own)

    return (
        StructuredTool.from_function(
            func=read_lesson,
            name="read_lesson",
            description="Read the lesson's HTML as it was published, one part at a time.",
            args_schema=_Part,
        ),
        StructuredTool.from_function(
            func=list_published,
            name="list_published",
            description="List the assignments that are published for this module already.",
            args_schema=_Nothing,
        ),
        StructuredTool.from_function(
            func=list_own_drafts,
            name="list_own_drafts",
            description="List your own drafts of earlier rounds of this generation.",
            args_schema=_Nothing,
        ),
    )


def _listed(lines: Iterable[str]) -> str:
    shown = list(lines)
    if not shown:
        return "There are none."
    return fence("list", "\n\n".join(shown[:MAX_LISTED_ITEMS])[:MAX_READ_CHARS])


def _line(one: Draft | Assignment) -> str:
    return f"[{one.name}] difficulty {one.difficulty}\n{one.text[:600]}"
