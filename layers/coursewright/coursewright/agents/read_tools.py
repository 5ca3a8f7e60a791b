"""Read-only tools for the mode `explore`, with bounded and fenced output."""

from collections.abc import Iterable

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, ConfigDict, Field

from coursewright.agents.deps import AgentDeps
from coursewright.agents.prompt_templates import fence
from coursewright.domain.assignment import Assignment, Draft
from coursewright.domain.generation import GenerationRequest

MAX_READ_CHARS = 12_000
MAX_LISTED_ITEMS = 40
MAX_SUMMARY_CHARS = 600


class _NoArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _LessonPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    part: int = Field(default=1, ge=1, description="Number of the part to read, starting at 1.")


def build_read_tools(
    request: GenerationRequest, model: str, round_number: int, deps: AgentDeps
) -> tuple[BaseTool, ...]:
    """Return the read tools for one task; the model cannot choose another module or author."""

    def read_lesson(part: int = 1) -> str:
        lesson = deps.lessons.read(request.lesson)
        parts = -(-len(lesson) // MAX_READ_CHARS) or 1
        if part > parts:
            return f"There is no part {part}; the lesson has {parts}."
        start = (part - 1) * MAX_READ_CHARS
        text = fence("lesson", lesson[start : start + MAX_READ_CHARS])
        return f"Part {part} of {parts}:\n{text}"

    def list_published() -> str:
        published = deps.assignments.of_module(request.course.id, request.module.id)
        return _format_list(_summarise(assignment) for assignment in published)

    def list_own_drafts() -> str:
        earlier_rounds = range(1, round_number)
        rounds = (deps.drafts.of_round(request.generation, number) for number in earlier_rounds)
        own = (draft for drafts in rounds for draft in drafts if draft.model == model)
        return _format_list(_summarise(draft) for draft in own)

    return (
        StructuredTool.from_function(
            func=read_lesson,
            name="read_lesson",
            description="Return the published lesson as HTML, one part per call.",
            args_schema=_LessonPart,
        ),
        StructuredTool.from_function(
            func=list_published,
            name="list_published",
            description="List the assignments already published for this module.",
            args_schema=_NoArguments,
        ),
        StructuredTool.from_function(
            func=list_own_drafts,
            name="list_own_drafts",
            description="List your own drafts from earlier rounds of this generation.",
            args_schema=_NoArguments,
        ),
    )


def _format_list(items: Iterable[str]) -> str:
    listed = list(items)
    if not listed:
        return "There are none."
    return fence("list", "\n\n".join(listed[:MAX_LISTED_ITEMS])[:MAX_READ_CHARS])


def _summarise(item: Draft | Assignment) -> str:
    return f"[{item.name}] difficulty {item.difficulty}\n{item.text[:MAX_SUMMARY_CHARS]}"
