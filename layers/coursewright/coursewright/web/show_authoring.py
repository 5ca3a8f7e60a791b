"""Controller for the read-only authoring pages."""

from collections.abc import Callable

from coursewright.domain.brief import BriefDefaults
from coursewright.domain.errors import DraftMissing
from coursewright.domain.generation import UNFINISHED
from coursewright.pages.authoring import AuthoringPage
from coursewright.pages.authoring_form import empty_form
from coursewright.pages.authoring_page import (
    FormPage,
    GenerationPage,
    ListedGeneration,
    ListPage,
    NotStartedPage,
)
from coursewright.steps.generation_progress import AuthoringDeps, generation_progress
from coursewright.web.http import Request
from coursewright.web.routes import EXPORT, NEW_GENERATION
from coursewright.web.show_export import show_export

MAX_LISTED_GENERATIONS = 30  # each is read separately, open ones with their progress
CONSOLE = "https://{region}.console.aws.amazon.com/states/home?region={region}"


def show_authoring(
    request: Request,
    *,
    deps: AuthoringDeps,
    defaults: BriefDefaults,
    ticket: Callable[[], str],
) -> AuthoringPage:
    """Return the requested page."""
    if request.route == EXPORT:
        return show_export(request, deps=deps)
    if generation := request.parameters.get("generation"):
        return _generation_page(request, generation, deps)
    if request.route == NEW_GENERATION:
        models = deps.list_models()
        usable = frozenset(model.id for model in models if not model.missing)
        form = empty_form(defaults, usable=usable, ticket=ticket())
        return FormPage(form=form, models=models)
    present = f"{deps.clock.now():%Y-%m}"
    return _list_page(request.parameters.get("month", ""), present, deps)


def _generation_page(
    request: Request, name: str, deps: AuthoringDeps
) -> GenerationPage | NotStartedPage:
    try:
        generation = deps.generations.get(name)
    except DraftMissing:
        return NotStartedPage(generation=name)
    is_on_aws = request.own_origin.startswith("https:")
    return GenerationPage(
        progress=generation_progress(generation, deps=deps),
        console=_console_link(generation.execution) if is_on_aws else "",
        command="" if is_on_aws else f"python -m local status {name}",
    )


def _console_link(execution: str) -> str:
    region = execution.split(":")[3]
    return f"{CONSOLE.format(region=region)}#/v2/executions/details/{execution}"


def _list_page(requested: str, present: str, deps: AuthoringDeps) -> ListPage:
    month = requested if _is_month(requested) and requested <= present else present
    names = deps.generations.list_month(month)
    return ListPage(
        month=month,
        earlier=_neighbour(month, -1),
        later=_neighbour(month, 1) if month < present else "",
        generations=tuple(_listed(name, deps) for name in names[:MAX_LISTED_GENERATIONS]),
        others=max(0, len(names) - MAX_LISTED_GENERATIONS),
    )


def _listed(name: str, deps: AuthoringDeps) -> ListedGeneration:
    generation = deps.generations.get(name)
    is_open = generation.status in UNFINISHED
    return ListedGeneration(
        generation=generation,
        progress=generation_progress(generation, deps=deps) if is_open else None,
    )


def _is_month(text: str) -> bool:
    year, _, month = text.partition("-")
    digits = (year + month).isascii() and (year + month).isdigit()
    return digits and (len(year), len(month)) == (4, 2) and 1 <= int(month) <= 12


def _neighbour(month: str, step: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + step, 12)
    return f"{year:04}-{number + 1:02}"
