"""Puts the prompts of the agents together from their files and the generation's facts."""

from collections.abc import Iterable
from typing import Any

from coursewright.agents.output_language import output_language_section
from coursewright.agents.prompt_templates import Prompt, fence, render
from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.brief import Kind, Level
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent
from coursewright.domain.review import CourseNote
from coursewright.domain.verification import MAX_REPAIRS, Verification

MAX_COURSE_NOTES = 5
MAX_NOTE_CHARS = 600
LEVELS = {
    Level.BEGINNER: "beginners: they have written few programs of their own",
    Level.INTERMEDIATE: "intermediate: they write small programs on their own",
    Level.ADVANCED: "advanced: they are at ease with the language and look for its finer points",
}


def system_prompt(agent: Agent, kind: Kind) -> str:
    """Return the part of a prompt that is the same for every lesson."""
    shared = {"untrusted": render("shared/untrusted")}
    if agent is not Agent.HINT:
        shared["sandbox"] = render(f"shared/sandbox_{kind}")
    if agent is Agent.CONDITIONS:
        shared["pedagogy"] = render("conditions/pedagogy")
    return render(f"{agent}/{kind}", **shared)


def shared_opening(request: GenerationRequest, lesson: str) -> str:
    """Return the part of a prompt that is the same for every task of a generation."""
    audience = request.brief.audience
    facts = f"Course: {request.course.title}\nModule: {request.module.title}"
    profile = render(
        "shared/audience",
        level=LEVELS[audience.level],
        known_topics=fence("topics", _bullets(audience.known_topics) or "- (none are named)"),
        language=request.brief.language,
        writing=output_language_section(request.brief.language),
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
    """Ask for a set of assignments, in later rounds by the reviewer's notes."""
    shared = shared_opening(request, lesson)
    task = render(
        "conditions/task",
        shared_opening=shared,
        tasks_count=str(request.brief.tasks_count),
        notes="\n\n".join(filter(None, [_experience(experience), _notes(notes, earlier)])),
    )
    return _prompt(system_prompt(Agent.CONDITIONS, request.brief.kind), task, shared)


def prompt_for_tests(
    request: GenerationRequest, lesson: str, draft: Draft, *, evidence: str = ""
) -> Prompt:
    """Ask for the tests of a draft, without showing a solution."""
    return _part_prompt(Agent.TESTS, request, lesson, draft, evidence)


def prompt_for_solution(
    request: GenerationRequest, lesson: str, draft: Draft, *, evidence: str = ""
) -> Prompt:
    """Ask for the solution of a draft, without showing the tests."""
    return _part_prompt(Agent.SOLUTION, request, lesson, draft, evidence)


def prompt_for_solver(kind: Kind, draft: Draft) -> Prompt:
    """Ask another model for the solution of a draft, from its text and starter alone."""
    task = render("solver/task", draft=fence("assignment", _shown(draft)))
    return Prompt(system_prompt(Agent.SOLVER, kind), _tidy(task))


def prompt_for_hint(request: GenerationRequest, draft: Draft, solution: DraftSolution) -> Prompt:
    """Ask for one hint, with the solution at hand that it must not give away."""
    task = render(
        "hint/task",
        level=LEVELS[request.brief.audience.level],
        language=request.brief.language,
        writing=output_language_section(request.brief.language),
        draft=fence("assignment", _shown(draft)),
        solution=fence("solution", solution.code),
    )
    return Prompt(system_prompt(Agent.HINT, draft.kind), _tidy(task))


def evidence_section(
    written: DraftTests | DraftSolution | None, verification: Verification, *, repair: int
) -> str:
    """Show what was written before and what its verification found."""
    return render(
        "shared/evidence",
        repair=str(repair),
        most_repairs=str(MAX_REPAIRS),
        written=fence("written", _written(written)),
        findings=fence("findings", _findings(verification.evidence)),
    )


def _part_prompt(
    agent: Agent, request: GenerationRequest, lesson: str, draft: Draft, evidence: str
) -> Prompt:
    shared = shared_opening(request, lesson)
    task = render(
        f"{agent}/task",
        shared_opening=shared,
        draft=fence("assignment", _shown(draft)),
        evidence=evidence,
    )
    return _prompt(system_prompt(agent, request.brief.kind), task, shared)


def _prompt(system: str, task: str, shared: str) -> Prompt:
    """Put a prompt together; the task begins with what all drafts of a generation share."""
    return Prompt(system, _tidy(task), shared=task.index(shared) + len(shared))


def _shown(draft: Draft) -> str:
    parts = [
        ("Name", draft.name),
        ("Name of the learner's file", draft.file_name),
        ("Text (HTML)", draft.text),
        ("Starter code", draft.code or "(empty)"),
    ]
    if draft.kind is Kind.SQL:
        parts.append(("Tables (SQL)", draft.schema_sql))
    return "\n\n".join(f"[{label}]\n{content}" for label, content in parts)


def _experience(notes: tuple[CourseNote, ...]) -> str:
    """Show the newest notes of other reviews of the course, each cut to a bearable length."""
    shown = [f"[{one.module}]\n{one.notes[:MAX_NOTE_CHARS]}" for one in notes[-MAX_COURSE_NOTES:]]
    return (
        render("conditions/experience", wishes=fence("wishes", "\n\n".join(shown))) if shown else ""
    )


def _notes(notes: str, earlier: tuple[Draft, ...]) -> str:
    if not notes.strip():
        return ""
    before = "\n\n".join(f"[Assignment {one.number}]\n\n{_shown(one)}" for one in earlier)
    return render(
        "conditions/notes",
        notes=fence("remarks", notes),
        earlier=fence("earlier", before or "(nothing)"),
    )


def _written(part: DraftTests | DraftSolution | None) -> str:
    if part is None:
        return "(nothing)"
    if isinstance(part, DraftSolution):
        return part.code
    return "\n\n".join([part.tests, *(_dataset(one.model_dump()) for one in part.datasets)]).strip()


def _dataset(dataset: dict[str, Any]) -> str:
    rows = _bullets(repr(list(row)) for row in dataset["expected_rows"]) or "- (no rows)"
    columns = ", ".join(dataset["expected_columns"])
    return f"[{dataset['name']}]\n{dataset['seed_sql']}\nExpected ({columns}):\n{rows}"


def _findings(evidence: dict[str, Any]) -> str:
    reasons = [str(one["message"]) for one in evidence.get("reasons", [])]
    failures = [f"{one['test']}: {one['message']}" for one in evidence.get("failures", [])]
    survivors = [str(one) for one in evidence.get("mutants", {}).get("survivors", [])]
    blocks = {
        "Why it was not accepted": reasons,
        "Tests that fail on the solution": failures,
        "Wrong solutions that the tests let pass": survivors,
    }
    return "\n\n".join(f"{title}:\n{_bullets(of)}" for title, of in blocks.items() if of)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _tidy(task: str) -> str:
    return task.strip() + "\n"
