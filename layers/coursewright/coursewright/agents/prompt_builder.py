"""Builds the agents' prompts from prompt files and the facts of a generation."""

from collections.abc import Iterable
from typing import Any

from coursewright.agents.output_language import output_language_section
from coursewright.agents.prompt_templates import Prompt, fence, render
from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.brief import Kind, Level
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent
from coursewright.domain.review import CourseNote
from coursewright.domain.verification import MAX_REPAIRS

MAX_COURSE_NOTES = 5
MAX_NOTE_CHARS = 600
LEVELS = {
    Level.BEGINNER: "beginners who have written few programs of their own",
    Level.INTERMEDIATE: "intermediate learners who write small programs on their own",
    Level.ADVANCED: "advanced learners who are fluent in the language and want its finer points",
}


def system_prompt(agent: Agent, kind: Kind) -> str:
    """Return the system message, which is the same for every lesson."""
    shared = {"untrusted": render("shared/untrusted")}
    if agent is not Agent.HINT:
        shared["sandbox"] = render(f"shared/sandbox_{kind}")
    if agent is Agent.CONDITIONS:
        shared["pedagogy"] = render("conditions/pedagogy")
    return render(f"{agent}/{kind}", **shared)


def shared_opening(request: GenerationRequest, lesson: str) -> str:
    """Return the prefix shared by the tasks of all drafts in a generation."""
    audience = request.brief.audience
    facts = f"Course: {request.course.title}\nModule: {request.module.title}"
    profile = render(
        "shared/audience",
        level=LEVELS[audience.level],
        known_topics=fence("topics", _bullets(audience.known_topics) or "- (none listed)"),
        language=request.brief.language,
        language_section=output_language_section(request.brief.language),
    )
    return render("shared/lesson", audience=profile, lesson=fence("lesson", f"{facts}\n\n{lesson}"))


def prompt_for_conditions(
    request: GenerationRequest,
    lesson: str,
    *,
    notes: str = "",
    earlier: tuple[Draft, ...] = (),
    experience: tuple[CourseNote, ...] = (),
) -> Prompt:
    """Build the prompt for a set of assignments; later rounds include the reviewer's notes."""
    shared = shared_opening(request, lesson)
    task = render(
        "conditions/task",
        shared_opening=shared,
        tasks_count=str(request.brief.tasks_count),
        notes="\n\n".join(
            filter(None, [_render_experience(experience), _render_notes(notes, earlier)])
        ),
    )
    return _assemble(system_prompt(Agent.CONDITIONS, request.brief.kind), task, shared)


def prompt_for_tests(opening: str, draft: Draft, *, evidence: str = "") -> Prompt:
    """Build the prompt for a draft's tests; it contains no solution."""
    return _part_prompt(Agent.TESTS, opening, draft, evidence)


def prompt_for_solution(opening: str, draft: Draft, *, evidence: str = "") -> Prompt:
    """Build the prompt for a draft's solution; it contains no tests."""
    return _part_prompt(Agent.SOLUTION, opening, draft, evidence)


def prompt_for_solver(kind: Kind, draft: Draft) -> Prompt:
    """Build the prompt for solving another model's draft from its text and starter code alone."""
    task = render("solver/task", draft=fence("assignment", _format_draft(draft)))
    return Prompt(system_prompt(Agent.SOLVER, kind), _strip(task))


def prompt_for_hint(request: GenerationRequest, draft: Draft, solution: DraftSolution) -> Prompt:
    """Build the prompt for a hint; it contains the solution, which the hint must not reveal."""
    task = render(
        "hint/task",
        level=LEVELS[request.brief.audience.level],
        language=request.brief.language,
        language_section=output_language_section(request.brief.language),
        draft=fence("assignment", _format_draft(draft)),
        solution=fence("solution", solution.code),
    )
    return Prompt(system_prompt(Agent.HINT, draft.kind), _strip(task))


def evidence_section(part: DraftTests | DraftSolution | None, findings: str, *, repair: int) -> str:
    """Render the previous attempt and the findings of its verification."""
    return render(
        "shared/evidence",
        repair=str(repair),
        max_repairs=str(MAX_REPAIRS),
        written=fence("written", _format_part(part)),
        findings=fence("findings", findings),
    )


def _part_prompt(agent: Agent, opening: str, draft: Draft, evidence: str) -> Prompt:
    task = render(
        f"{agent}/task",
        shared_opening=opening,
        draft=fence("assignment", _format_draft(draft)),
        evidence=evidence,
    )
    return _assemble(system_prompt(agent, draft.kind), task, opening)


def _assemble(system: str, task: str, shared: str) -> Prompt:
    """Assemble a prompt; its shared part ends where the task for the individual draft begins."""
    return Prompt(system, _strip(task), shared=task.index(shared) + len(shared))


def _format_draft(draft: Draft) -> str:
    parts = [
        ("Name", draft.name),
        ("Name of the learner's file", draft.file_name),
        ("Text (HTML)", draft.text),
        ("Starter code", draft.code or "(empty)"),
    ]
    if draft.kind is Kind.SQL:
        parts.append(("Tables (SQL)", draft.schema_sql))
    return "\n\n".join(f"[{label}]\n{content}" for label, content in parts)


def _render_experience(notes: tuple[CourseNote, ...]) -> str:
    """Render the newest notes from other reviews of the course, each truncated to a limit."""
    if not notes:
        return ""
    newest = notes[-MAX_COURSE_NOTES:]
    requests = "\n\n".join(f"[{note.module}]\n{note.notes[:MAX_NOTE_CHARS]}" for note in newest)
    return render("conditions/experience", requests=fence("requests", requests))


def _render_notes(notes: str, earlier: tuple[Draft, ...]) -> str:
    if not notes.strip():
        return ""
    drafts = "\n\n".join(
        f"[Assignment {draft.number}]\n\n{_format_draft(draft)}" for draft in earlier
    )
    return render(
        "conditions/notes",
        notes=fence("remarks", notes),
        earlier=fence("earlier", drafts or "(nothing)"),
    )


def _format_part(part: DraftTests | DraftSolution | None) -> str:
    if part is None:
        return "(nothing)"
    if isinstance(part, DraftSolution):
        return part.code
    datasets = (_format_dataset(dataset.model_dump()) for dataset in part.datasets)
    return "\n\n".join([part.tests, *datasets]).strip()


def _format_dataset(dataset: dict[str, Any]) -> str:
    rows = _bullets(repr(list(row)) for row in dataset["expected_rows"]) or "- (no rows)"
    columns = ", ".join(dataset["expected_columns"])
    return f"[{dataset['name']}]\n{dataset['seed_sql']}\nExpected ({columns}):\n{rows}"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _strip(task: str) -> str:
    return task.strip() + "\n"
