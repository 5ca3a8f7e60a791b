"""The course author looks at generations and at the form for a new one; nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass

from coursewright.domain.errors import DraftMissing
from coursewright.domain.generation import UNFINISHED, Generation
from coursewright.pages.authoring_form import empty_form
from coursewright.pages.authoring_page import (
    FormPage,
    GenerationPage,
    ListedGeneration,
    ListPage,
    NotStarted,
)
from coursewright.ports.agents import ModelCatalogue
from coursewright.ports.generations import Clock, Generations
from coursewright.settings import Settings
from coursewright.steps.generation_progress import ProgressDeps, generation_progress
from coursewright.web.http import Request

MAX_LISTED_GENERATIONS = 30  # each is read by itself, the open ones with their progress
CONSOLE = "https://{region}.console.aws.amazon.com/states/home?region={region}"


@dataclass(frozen=True)
class AuthoringDeps:
    """What the authoring pages' pages are read from."""

    progress: ProgressDeps
    listed: Generations
    catalogue: ModelCatalogue
    settings: Settings
    clock: Clock
    ticket: Callable[[], str]


def show_authoring(
    request: Request, *, deps: AuthoringDeps
) -> ListPage | FormPage | GenerationPage | NotStarted:
    """Return the page that a browser asks for."""
    if generation := request.parameters.get("generation"):
        return _generation_page(request, generation, deps)
    if request.path.rstrip("/").endswith("/new"):
        return _form_page(deps)
    return _list_page(request.parameters.get("month", ""), deps)


def _generation_page(
    request: Request, name: str, deps: AuthoringDeps
) -> GenerationPage | NotStarted:
    try:
        generation = deps.progress.generations.get(name)
    except DraftMissing:
        return NotStarted(generation=name)
    is_in_cloud = request.own_origin.startswith("https:")
    return GenerationPage(
        progress=generation_progress(generation, deps=deps.progress),
        console=_console_link(generation.execution) if is_in_cloud else "",
        command="" if is_in_cloud else f"python -m local status {name}",
    )


def _console_link(execution: str) -> str:
    region = execution.split(":")[3]
    return f"{CONSOLE.format(region=region)}#/v2/executions/details/{execution}"


def _form_page(deps: AuthoringDeps) -> FormPage:
    models = deps.catalogue.models()
    usable = frozenset(one.id for one in models if not one.missing)
    form = empty_form(deps.settings.brief_defaults, usable=usable, ticket=deps.ticket())
    return FormPage(form=form, models=models)


def _list_page(asked: str, deps: AuthoringDeps) -> ListPage:
    present = f"{deps.clock.now():%Y-%m}"
    month = asked if _is_month(asked) and asked <= present else present
    names = deps.listed.list_month(month)
    return ListPage(
        month=month,
        earlier=_neighbour(month, -1),
        later=_neighbour(month, 1) if month < present else "",
        generations=tuple(_listed(name, deps.progress) for name in names[:MAX_LISTED_GENERATIONS]),
        others=max(0, len(names) - MAX_LISTED_GENERATIONS),
    )


def _listed(name: str, deps: ProgressDeps) -> ListedGeneration:
    generation: Generation = deps.generations.get(name)
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
