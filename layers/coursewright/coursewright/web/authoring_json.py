"""Converts an authoring controller's result to JSON, for programs that send a token."""

from typing import Any

from coursewright.domain.generation import Generation
from coursewright.pages.authoring_page import ExportFailedPage, FormPage, GenerationPage, SignInPage
from coursewright.web.authoring_responses import AuthoringOutcome, RequestAccepted
from coursewright.web.responses import Response, json_response


def respond_as_json(outcome: AuthoringOutcome) -> Response:
    """Return what a program needs to know about the outcome."""
    match outcome:
        case RequestAccepted():
            return json_response({"location": outcome.location}, 202)
        case GenerationPage():
            return json_response(_generation(outcome.progress.generation))
        case FormPage() if outcome.problem:
            problem = outcome.problem.model_dump(mode="json", exclude={"field"})
            return json_response({"problem": problem}, 422)
        case ExportFailedPage():
            problems = [problem.model_dump(mode="json") for problem in outcome.problems]
            return json_response({"problem": problems}, 422)
        case SignInPage():
            return json_response({"problem": {"text": "The token names no person."}}, 401)
        case _:
            return json_response({"problem": {"text": "There is no such generation."}}, 404)


def _generation(generation: Generation) -> dict[str, Any]:
    request = generation.request
    return {
        "generation": request.generation,
        "course": request.course.id,
        "module": request.module.id,
        "status": generation.status,
        "started_at": generation.started_at.isoformat(),
        "author": request.author.model_dump() if request.author else None,
        "location": f"/authoring/generations/{request.generation}",
    }
