"""Returns the practice authors' prewritten work by fixed rules, without any language model."""

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
MAX_HINT_CHARS = 400

type Work = dict[str, object]


def answer(model: str, request: PartRequest) -> Work:
    """Return a practice author's arguments for the tool call.

    Raises: RequestRefused if the author does not know the lesson or the assignment.
    """
    own = [portfolio for portfolio in portfolios() if portfolio.model == model]
    if request.part is Part.ASSIGNMENTS:
        return _write_assignments(_find_portfolio(own, request), request)
    if request.part is Part.SOLUTION and not _is_own_assignment(own, request):
        _, foreign = _find_assignment(list(portfolios()), request)
        return {"code": foreign.solution, "explanation": "The text left nothing open."}
    portfolio, assignment = _find_assignment(own, request)
    if request.part is Part.HINT:
        return {"hint": _write_hint(assignment)}
    if request.part is Part.TESTS:
        return _write_tests(portfolio.kind, assignment, request)
    return _write_solution(assignment, request)


def name_in_round(assignment: Assignment, *, revised: bool) -> str:
    """Return the assignment's name, marked as revised if a reviewer has requested changes."""
    return assignment.name + REVISED if revised else assignment.name


def _find_portfolio(own: list[Portfolio], request: PartRequest) -> Portfolio:
    for portfolio in own:
        if any(request.mentions(phrase) for phrase in portfolio.lesson_phrases):
            return portfolio
    raise lesson_unknown()


def _is_own_assignment(own: list[Portfolio], request: PartRequest) -> bool:
    """Whether the prompt names one of the author's own assignments."""
    return any(
        request.mentions(assignment.name)
        for portfolio in own
        for assignment in portfolio.assignments
    )


def _find_assignment(
    candidates: list[Portfolio], request: PartRequest
) -> tuple[Portfolio, Assignment]:
    """Find the named assignment; prefer one whose text is also in the prompt."""
    named = [
        (portfolio, assignment)
        for portfolio in candidates
        for assignment in portfolio.assignments
        if request.mentions(assignment.name)
    ]
    if not named:
        raise lesson_unknown()
    prompt = _plain_text(request.prompt)
    return max(named, key=lambda pair: _plain_text(pair[1].text) in prompt)


def _write_assignments(portfolio: Portfolio, request: PartRequest) -> Work:
    available = len(portfolio.assignments)
    if not 1 <= request.count <= available:
        raise RequestRefused(
            f"practice models have {available} assignments per lesson, but {request.count} were"
            " requested",
            status=HTTPStatus.BAD_REQUEST,
            code="too_many_assignments",
        )
    chosen = portfolio.assignments[: request.count]
    return {
        "assignments": [
            _write_conditions(assignment, portfolio.kind, request.has_notes)
            for assignment in chosen
        ]
    }


def _write_conditions(assignment: Assignment, kind: Kind, revised: bool) -> Work:
    conditions: Work = {
        "name": name_in_round(assignment, revised=revised),
        "text": assignment.text + (f"<p>{assignment.revision}</p>\n" if revised else ""),
        "code": assignment.starter,
        "file_name": assignment.file_name,
        "difficulty": assignment.difficulty,
        "concepts": list(assignment.concepts),
    }
    return conditions | ({"schema_sql": assignment.schema_sql} if kind is Kind.SQL else {})


def _write_hint(assignment: Assignment) -> str:
    """Quote the first passage in the text that a test checks."""
    quote = assignment.requirements[0].quote if assignment.requirements else assignment.name
    hint = f"Read this passage again: “{quote}” What does it mean for the smallest case?"
    return hint[:MAX_HINT_CHARS]


def _write_tests(kind: Kind, assignment: Assignment, request: PartRequest) -> Work:
    flawed = _flawed_attempt(assignment, request)
    requirements = [requirement.model_dump() for requirement in assignment.requirements]
    if kind is Kind.PYTHON:
        return {"tests": flawed.tests if flawed else assignment.tests, "requirements": requirements}
    datasets = flawed.datasets if flawed else assignment.datasets
    return {
        "datasets": [_format_dataset(dataset) for dataset in datasets],
        "ordered": assignment.ordered,
        "requirements": requirements,
    }


def _format_dataset(dataset: Dataset) -> Work:
    return {
        "name": dataset.name,
        "seed_sql": dataset.seed_sql,
        "expected_columns": dataset.columns,
        "expected_rows": dataset.rows,
    }


def _write_solution(assignment: Assignment, request: PartRequest) -> Work:
    flawed = _flawed_attempt(assignment, request)
    code = flawed.solution if flawed else assignment.solution
    return {"code": code, "explanation": assignment.explanation}


def _flawed_attempt(assignment: Assignment, request: PartRequest) -> FlawedAttempt | None:
    """Return the flawed attempt that is due, or None if the correct work is due.

    A repair gets the attempt after the last one in the prompt, and at least the second.
    """
    attempts = assignment.flawed_attempts(request.part)
    is_repair = request.attempt > 0
    shown = [
        number
        for number, flawed in enumerate(attempts, start=1)
        if is_repair and _is_shown(flawed, request)
    ]
    number = max([request.attempt, *shown])
    return attempts[number] if number < len(attempts) else None


def _is_shown(flawed: FlawedAttempt, request: PartRequest) -> bool:
    seeds = [dataset.seed_sql for dataset in flawed.datasets]
    return all(request.mentions(work) for work in (flawed.tests, flawed.solution, *seeds) if work)


def _plain_text(html: str) -> str:
    return normalise(re.sub(r"<[^>]+>", " ", html))
