"""Hands out the practice authors' work: fixed rules, no language model."""

import re
from http import HTTPStatus

from local.practice.content import (
    REVISED,
    Assignment,
    Dataset,
    FlawedAttempt,
    Kind,
    Part,
    Portfolio,
    portfolios,
)
from local.practice.errors import RequestRefused, lesson_unknown
from local.practice.request import PartRequest, normalise

LATENCY_SECONDS = {"practice-quick": 0.15, "practice-careful": 0.8, "practice-sloppy": 0.3}

type Work = dict[str, object]


def answer(model: str, ask: PartRequest) -> Work:
    """Return the arguments with which a practice author calls the tool.

    Raises: RequestRefused when the author does not know the lesson or assignment.
    """
    own = [portfolio for portfolio in portfolios() if portfolio.model == model]
    if ask.part is Part.ASSIGNMENTS:
        return _write_assignments(_find_lesson(own, ask), ask)
    if ask.part is Part.SOLUTION and not _knows(own, ask):
        _, foreign = _find_assignment(list(portfolios()), ask)
        return {"code": foreign.solution, "explanation": "The text left nothing open."}
    portfolio, assignment = _find_assignment(own, ask)
    if ask.part is Part.HINT:
        return {"hint": _hint(assignment)}
    if ask.part is Part.TESTS:
        return _write_tests(portfolio.kind, assignment, ask)
    return _write_solution(assignment, ask)


def name_in_round(assignment: Assignment, *, revised: bool) -> str:
    """Return the assignment's name, marked once a reviewer asked for changes."""
    return assignment.name + REVISED if revised else assignment.name


def _find_lesson(own: list[Portfolio], ask: PartRequest) -> Portfolio:
    for portfolio in own:
        if any(ask.mentions(mark) for mark in portfolio.marks):
            return portfolio
    raise lesson_unknown()


def _knows(own: list[Portfolio], ask: PartRequest) -> bool:
    """Return whether the assignment is the author's own; any other is solved from its text."""
    return any(ask.mentions(one.name) for portfolio in own for one in portfolio.assignments)


def _find_assignment(own: list[Portfolio], ask: PartRequest) -> tuple[Portfolio, Assignment]:
    """Prefer the one whose text is there too: a prompt may name its siblings."""
    found = [
        (portfolio, assignment)
        for portfolio in own
        for assignment in portfolio.assignments
        if ask.mentions(assignment.name)
    ]
    if not found:
        raise lesson_unknown()
    prompt = _words(ask.prompt)
    return max(found, key=lambda pair: _words(pair[1].text) in prompt)


def _write_assignments(portfolio: Portfolio, ask: PartRequest) -> Work:
    known = len(portfolio.assignments)
    if not 1 <= ask.count <= known:
        raise RequestRefused(
            f"practice models know {known} assignments for a lesson, {ask.count} were asked for",
            status=HTTPStatus.BAD_REQUEST,
            code="too_many_assignments",
        )
    chosen = portfolio.assignments[: ask.count]
    return {"assignments": [_conditions(one, portfolio.kind, ask.has_notes) for one in chosen]}


def _conditions(assignment: Assignment, kind: Kind, revised: bool) -> Work:
    conditions: Work = {
        "name": name_in_round(assignment, revised=revised),
        "text": assignment.text + (f"<p>{assignment.revision}</p>\n" if revised else ""),
        "code": assignment.starter,
        "file_name": assignment.file_name,
        "difficulty": assignment.difficulty,
        "concepts": list(assignment.concepts),
    }
    return conditions | ({"schema_sql": assignment.schema_sql} if kind is Kind.SQL else {})


def _hint(assignment: Assignment) -> str:
    """Point at the first words of the text that a test checks."""
    words = assignment.requirements[0].quote if assignment.requirements else assignment.name
    return f"Read these words once more: “{words}” What do they mean for the smallest case?"[:400]


def _write_tests(kind: Kind, assignment: Assignment, ask: PartRequest) -> Work:
    flawed = _flawed_try(assignment, ask)
    requirements = [requirement.model_dump() for requirement in assignment.requirements]
    if kind is Kind.PYTHON:
        return {"tests": flawed.tests if flawed else assignment.tests, "requirements": requirements}
    datasets = flawed.datasets if flawed else assignment.datasets
    return {
        "datasets": [_dataset(dataset) for dataset in datasets],
        "ordered": assignment.ordered,
        "requirements": requirements,
    }


def _dataset(dataset: Dataset) -> Work:
    return {
        "name": dataset.name,
        "seed_sql": dataset.seed_sql,
        "expected_columns": dataset.columns,
        "expected_rows": dataset.rows,
    }


def _write_solution(assignment: Assignment, ask: PartRequest) -> Work:
    flawed = _flawed_try(assignment, ask)
    code = flawed.solution if flawed else assignment.solution
    return {"code": code, "explanation": assignment.explanation}


def _flawed_try(assignment: Assignment, ask: PartRequest) -> FlawedAttempt | None:
    """A repair gets the try after the last one that the prompt shows, at least the second."""
    tries = assignment.flawed_attempts(ask.part)
    shown = [at for at, flawed in enumerate(tries) if _is_shown(flawed, ask)] if ask.attempt else []
    number = max([ask.attempt, *(at + 1 for at in shown)])
    return tries[number] if number < len(tries) else None


def _is_shown(flawed: FlawedAttempt, ask: PartRequest) -> bool:
    seeds = [dataset.seed_sql for dataset in flawed.datasets]
    return all(ask.mentions(work) for work in (flawed.tests, flawed.solution, *seeds) if work)


def _words(text: str) -> str:
    return normalise(re.sub(r"<[^>]+>", " ", text))
