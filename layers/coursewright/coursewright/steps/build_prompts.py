"""Stores the prompts' shared parts for people to read, before any model is paid."""

from coursewright.agents.prompt_builder import shared_opening, system_prompt
from coursewright.agents.prompt_templates import prompt_set
from coursewright.domain.base import Record
from coursewright.domain.lesson import LessonPointer
from coursewright.domain.model_call import Agent
from coursewright.ports.agents import Answers
from coursewright.ports.generations import Generations, Lessons


class PromptsTask(Record):
    """Input of the step."""

    generation: str
    lesson: LessonPointer


def build_prompts(
    task: PromptsTask, *, generations: Generations, lessons: Lessons, answers: Answers
) -> dict[str, object]:
    """Render and store the system prompts, so that a broken prompt fails before any paid call."""
    request = generations.get(task.generation).request
    parts = [system_prompt(agent, request.brief.kind) for agent in Agent]
    shared_opening(request, lessons.read(task.lesson))  # stored with each call, not here
    return {"prompt_set": prompt_set(), "prompts": [answers.save_prompt(part) for part in parts]}
