"""Describes a generation's progress to a course author."""

import tomllib
from functools import cache
from pathlib import Path

from coursewright.domain.errors import ModelError
from coursewright.domain.execution import Execution
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.domain.progress import Progress
from coursewright.domain.review import Decision
from coursewright.markup.formatting import comma_list, count, decision_line, moment
from coursewright.markup.i18n import N_, _
from coursewright.pages.authoring_page import Phase, PhaseState

PUBLISHED = N_("Assignments published")
ENDINGS = {
    GenerationStatus.PUBLISHED: PUBLISHED,
    GenerationStatus.REJECTED: N_("Rejected, nothing published"),
    GenerationStatus.EXPIRED: N_("Expired, nothing published"),
    GenerationStatus.NOTHING_TO_REVIEW: N_("Nothing to review, nothing published"),
}
STATUSES = {
    GenerationStatus.PUBLISHED: N_("published"),
    GenerationStatus.REJECTED: N_("rejected"),
    GenerationStatus.EXPIRED: N_("expired"),
    GenerationStatus.NOTHING_TO_REVIEW: N_("nothing to review"),
}
RUNNING = N_("running")
MODEL_ERRORS = frozenset(error.__name__ for error in ModelError.__subclasses__())
STATE_NAMES = {
    PhaseState.DONE: N_("done"),
    PhaseState.NOW: N_("in progress"),
    PhaseState.NEXT: N_("pending"),
    PhaseState.STOPPED: N_("stopped"),
    PhaseState.SKIPPED: N_("skipped"),
}


def phases(progress: Progress) -> tuple[Phase, ...]:
    """Return the phases from the lesson to the published assignments, with their states."""
    facts = (
        (_("Prompts built, budget reserved"), _was_prepared(progress), ""),
        (_("Drafts written"), _was_written(progress), _written(progress)),
        (_("Drafts checked in the sandbox"), bool(progress.league), _checked(progress)),
        (_("Models compared"), bool(progress.league), ""),
        (
            _("Review, round %(round)s", round=progress.round),
            _was_reviewed(progress),
            _reviewed(progress),
        ),
        (_(ENDINGS.get(progress.generation.status, PUBLISHED)), not progress.is_open, ""),
    )
    phases: list[Phase] = []
    is_reached = True
    for name, is_done, detail in facts:
        state = _state(progress, is_done=is_done, is_reached=is_reached)
        phases.append(Phase(name=name, state=state, detail=detail))
        is_reached = is_reached and is_done
    return tuple(phases)


def status_name(generation: Generation, progress: Progress | None) -> str:
    """Return a generation's status untranslated; the badge translates it."""
    if progress is None:
        return STATUSES.get(generation.status, RUNNING)
    if progress.stopped or progress.is_abandoned:
        return N_("stopped") if progress.stopped else N_("abandoned")
    if progress.review and progress.review.decision is Decision.PENDING:
        return N_("in review")
    return RUNNING


def current_phase(progress: Progress) -> Phase:
    """Return the phase that a generation has reached."""
    current = (PhaseState.NOW, PhaseState.STOPPED)
    every = phases(progress)
    return next((phase for phase in every if phase.state in current), every[-1])


def error_text(execution: Execution) -> dict[str, str]:
    """Explain an execution's error and give advice on it."""
    wording = _errors().get(execution.error) or _errors()["unknown"]
    return {name: _(text) for name, text in wording.items()}


def field_label(field: str) -> str:
    """Return the label of a form field."""
    return _(LABELS[field]) if field in LABELS else ""


LABELS = {
    "course_id": N_("Course ID"),
    "course_title": N_("Course title"),
    "kind": N_("Assignment type"),
    "module_id": N_("Module ID"),
    "module_title": N_("Module title"),
    "lesson": N_("Lesson"),
    "lesson_place": N_("S3 address"),
    "tasks_count": N_("Number of tasks"),
    "models": N_("Models"),
    "language": N_("Language"),
    "level": N_("Audience"),
    "known_topics": N_("Known topics"),
    "reviewers": N_("Reviewers"),
    "mode": N_("Agent mode"),
}


def _state(progress: Progress, *, is_done: bool, is_reached: bool) -> PhaseState:
    if is_done:
        return PhaseState.DONE
    if not progress.is_open:
        return PhaseState.SKIPPED
    if not is_reached:
        return PhaseState.NEXT
    return PhaseState.NOW if progress.is_live else PhaseState.STOPPED


def _was_prepared(progress: Progress) -> bool:
    """Whether prompts and budget are ready, after which models may be called."""
    if progress.stopped and progress.stopped.error in MODEL_ERRORS:
        return True
    return any(model.calls or model.written for model in progress.models)


def _was_written(progress: Progress) -> bool:
    if progress.league:
        return True
    return all(
        min(model.written, model.tests, model.solutions) >= model.wanted
        for model in progress.models
    )


def _was_reviewed(progress: Progress) -> bool:
    return progress.review is not None and progress.review.decision is not Decision.PENDING


def _written(progress: Progress) -> str:
    wanted = sum(model.wanted for model in progress.models)
    written = sum(model.written for model in progress.models)
    placeholders = {"written": written, "drafts": count(wanted, "draft")}
    return _("%(written)s of %(drafts)s written", **placeholders) if written else ""


def _checked(progress: Progress) -> str:
    checked = sum(model.checked for model in progress.models)
    verified = sum(model.verified for model in progress.models)
    placeholders = {"checked": checked, "verified": verified}
    return _("%(checked)s checked, %(verified)s verified", **placeholders) if checked else ""


def _reviewed(progress: Progress) -> str:
    review = progress.review
    if review is None:
        return ""
    if review.decision is Decision.PENDING:
        placeholders = {
            "reviewers": comma_list(review.reviewers),
            "moment": moment(review.expires_at),
        }
        return _("%(reviewers)s, due %(moment)s", **placeholders)
    return decision_line(review)


@cache
def _errors() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "authoring.toml").read_text(encoding="utf-8"))
