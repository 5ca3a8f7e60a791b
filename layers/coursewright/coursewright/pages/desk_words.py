"""Turns a generation's progress into words for a course author."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

from coursewright.domain.errors import ModelError
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.domain.review import Decision
from coursewright.domain.run import Run
from coursewright.pages.desk_page import Progress, Stage, StageState
from coursewright.pages.words import DECISIONS, count, moment

PUBLISHED = "Assignments published"
ENDINGS = {
    GenerationStatus.PUBLISHED: PUBLISHED,
    GenerationStatus.REJECTED: "Rejected, nothing published",
    GenerationStatus.EXPIRED: "Expired, nothing published",
    GenerationStatus.NOTHING_TO_REVIEW: "Nothing to review, nothing published",
}
STATUSES = {
    GenerationStatus.PUBLISHED: "published",
    GenerationStatus.REJECTED: "rejected",
    GenerationStatus.EXPIRED: "expired",
    GenerationStatus.NOTHING_TO_REVIEW: "nothing to review",
}
MODEL_ERRORS = frozenset(one.__name__ for one in ModelError.__subclasses__())
STATE_WORDS = {
    StageState.DONE: "done",
    StageState.NOW: "now",
    StageState.NEXT: "to come",
    StageState.STOPPED: "stopped",
    StageState.SKIPPED: "left out",
}


def stages(progress: Progress) -> tuple[Stage, ...]:
    """Give the way from the lesson to the assignments, and where the generation stands on it."""
    facts = (
        ("Prompts stored, money set aside", _was_prepared(progress), ""),
        ("Drafts written", _was_written(progress), _written(progress)),
        ("Drafts checked in the sandbox", bool(progress.rows), _checked(progress)),
        ("Models compared", bool(progress.rows), ""),
        (f"Review, round {progress.round}", _was_reviewed(progress), _reviewed(progress)),
        (ENDINGS.get(progress.generation.status, PUBLISHED), not progress.is_open, ""),
    )
    given: list[Stage] = []
    is_reached = True
    for name, is_done, detail in facts:
        state = _state(progress, is_done=is_done, is_reached=is_reached)
        given.append(Stage(name=name, state=state, detail=detail))
        is_reached = is_reached and is_done
    return tuple(given)


def standing(generation: Generation, progress: Progress | None) -> str:
    """Say in a few words how a generation stands."""
    if progress is None:
        return STATUSES.get(generation.status, "running")
    if progress.stopped or progress.is_abandoned:
        return "stopped" if progress.stopped else "abandoned"
    if progress.review and progress.review.decision is Decision.PENDING:
        return "in review"
    return "running"


def present_stage(progress: Progress) -> Stage:
    """Give the stage that a generation is at."""
    found = (one for one in stages(progress) if one.state in (StageState.NOW, StageState.STOPPED))
    return next(found, stages(progress)[-1])


def told(run: Run) -> dict[str, str]:
    """Give what a run's error means and what is to be done."""
    return _errors().get(run.error) or _errors()["unknown"]


def month_name(month: str) -> str:
    """Give a month as a heading: `November 2026`."""
    return f"{datetime.strptime(f'{month}-01 +0000', '%Y-%m-%d %z'):%B %Y}"


def field_words(field: str) -> str:
    """Name a form's field as its label does."""
    return LABELS.get(field, "")


LABELS = {
    "course_id": "Course, identifier",
    "course_title": "Course, title",
    "kind": "Kind of assignments",
    "module_id": "Module, identifier",
    "module_title": "Module, title",
    "lesson": "Lesson",
    "lesson_place": "Place in S3",
    "tasks_count": "Number of tasks",
    "models": "Models",
    "language": "Language",
    "level": "Audience",
    "known_topics": "Topics they know",
    "reviewers": "Reviewers",
    "mode": "How agents work",
}


def _state(progress: Progress, *, is_done: bool, is_reached: bool) -> StageState:
    if is_done:
        return StageState.DONE
    if not progress.is_open:
        return StageState.SKIPPED
    if not is_reached:
        return StageState.NEXT
    return StageState.NOW if progress.is_live else StageState.STOPPED


def _was_prepared(progress: Progress) -> bool:
    """Models are asked once all is prepared, so that an error of theirs proves it."""
    if progress.stopped and progress.stopped.error in MODEL_ERRORS:
        return True
    return any(one.calls or one.written for one in progress.models)


def _was_written(progress: Progress) -> bool:
    if progress.rows:
        return True
    return all(min(one.written, one.tests, one.solutions) >= one.wanted for one in progress.models)


def _was_reviewed(progress: Progress) -> bool:
    return progress.review is not None and progress.review.decision is not Decision.PENDING


def _written(progress: Progress) -> str:
    wanted = sum(one.wanted for one in progress.models)
    written = sum(one.written for one in progress.models)
    return f"{written} of {count(wanted, 'draft')}" if written else ""


def _checked(progress: Progress) -> str:
    checked = sum(one.checked for one in progress.models)
    verified = sum(one.verified for one in progress.models)
    return f"{checked} checked, {verified} verified" if checked else ""


def _reviewed(progress: Progress) -> str:
    review = progress.review
    if review is None:
        return ""
    if review.decision is Decision.PENDING:
        return f"{', '.join(review.reviewers)}: until {moment(review.expires_at)}"
    if review.decision is Decision.EXPIRED or review.decided_at is None:
        return "nobody decided in time"
    return f"{review.decided_by} {DECISIONS[review.decision]} on {moment(review.decided_at)}"


@cache
def _errors() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "desk.toml").read_text(encoding="utf-8"))
