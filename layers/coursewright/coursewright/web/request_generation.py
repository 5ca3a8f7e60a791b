"""Controller for the form that starts a new generation."""

from coursewright.domain.author import Author
from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import module_event
from coursewright.pages.authoring_form import form_field_name, read_form
from coursewright.pages.authoring_page import FormPage, FormProblem
from coursewright.steps import request_generation as step
from coursewright.steps.request_generation import (
    RequestGenerationDeps,
    estimate_generation,
    plan_generation,
)
from coursewright.web.authoring_responses import ForeignForm, RequestAccepted
from coursewright.web.http import Request


def request_generation(
    request: Request, *, author: Author, deps: RequestGenerationDeps
) -> RequestAccepted | FormPage | ForeignForm:
    """Request the generation that the form describes, or show its estimated cost."""
    if not (request.is_api or request.is_same_origin):
        return ForeignForm()
    form, models = read_form(request.form), deps.list_models()
    try:
        event = module_event(request.content) if request.is_api else form.event(form.place)
        planned = plan_generation(event, models, author=author, deps=deps)
        if request.is_api or request.field("act") == "start":
            generation = step.request_generation(planned, deps=deps)
            return RequestAccepted(location=f"/authoring/generations/{generation}")
    except EventInvalid as error:
        problem = FormProblem(
            field=form_field_name(error), code=error.code, params=error.params, text=error.problem
        )
        return FormPage(form=form, models=models, problem=problem)
    estimate = estimate_generation(planned, deps=deps)
    return FormPage(form=form, models=models, estimate=estimate)
