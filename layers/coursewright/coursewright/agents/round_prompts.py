"""The sources of a round's conditions prompts, read once for all models."""

from dataclasses import dataclass

from coursewright.agents.prompt_builder import prompt_for_conditions
from coursewright.agents.prompt_templates import Prompt
from coursewright.domain.assignment import Draft
from coursewright.domain.generation import Generation
from coursewright.domain.review import CourseNote, Review
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Lessons
from coursewright.ports.reviews import Reviews


@dataclass(frozen=True)
class RoundSources:
    """The lesson, the course's notes and, from round 2, the last review with its drafts."""

    generation: Generation
    lesson: str
    experience: tuple[CourseNote, ...]
    review: Review | None
    last_drafts: tuple[Draft, ...]

    def prompt_for(self, model: str) -> Prompt:
        """Build a model's conditions prompt, with feedback only on its own drafts."""
        return prompt_for_conditions(
            self.generation.request,
            self.lesson,
            notes=self.review.feedback_for(model) if self.review else "",
            earlier=tuple(draft for draft in self.last_drafts if draft.model == model),
            experience=self.experience,
        )


def read_round(
    generation: Generation,
    round_number: int,
    notes: str | None,
    *,
    lessons: Lessons,
    drafts: Drafts,
    reviews: Reviews,
) -> RoundSources:
    """Read a round's sources; `notes` is the id of the review that requested changes.

    Raises: ReviewMissing.
    """
    request = generation.request
    return RoundSources(
        generation=generation,
        lesson=lessons.read(request.lesson),
        experience=reviews.course_notes(request.course.id, before=generation.started_at),
        review=reviews.get(notes) if notes else None,
        last_drafts=drafts.of_round(request.generation, round_number - 1) if notes else (),
    )
