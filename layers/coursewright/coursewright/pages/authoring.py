"""Renders the authoring pages."""

from coursewright.domain.brief import Kind, Level, Mode
from coursewright.domain.export import Format
from coursewright.markup.i18n import N_, preferred_language, use_language
from coursewright.pages import authoring_text
from coursewright.pages.assets import content_hash
from coursewright.pages.authoring_page import (
    ExportReady,
    ExportRefused,
    ForeignForm,
    FormPage,
    GenerationPage,
    GenerationRequested,
    ListPage,
    NotStarted,
)
from coursewright.pages.render import rendered
from coursewright.web.http import Response, page_response, redirect

Plain = ExportReady | ExportRefused | ForeignForm | NotStarted
Outcome = GenerationRequested | FormPage | GenerationPage | ListPage | Plain
KINDS = {
    Kind.PYTHON: N_("Python, tested with unittest"),
    Kind.SQL: N_("SQL, tested against small datasets"),
}
LEVELS = {
    Level.BEGINNER: N_("beginners"),
    Level.INTERMEDIATE: N_("intermediate"),
    Level.ADVANCED: N_("advanced"),
}
MODES = {
    Mode.TOOL: N_("tool calling (default)"),
    Mode.JSON: N_("JSON output, for models without tool calling"),
    Mode.EXPLORE: N_("read first, over several calls (more expensive)"),
}
LANGUAGES = {"en": "English", "de": "Deutsch", "ru": "Русский", "fr": "Français", "es": "Español"}
FORMATS = {
    Format.MOODLE: N_("Moodle"),
    Format.EXERCISM: N_("Exercism"),
    Format.JSONL: N_("JSON Lines"),
    Format.NBGRADER: N_("nbgrader (Python only)"),
}


def respond(outcome: Outcome, *, accept_language: str = "") -> Response:
    """Render the outcome of a request in the browser's preferred language."""
    with use_language(preferred_language(accept_language)):
        return _answer(outcome)


def _answer(outcome: Outcome) -> Response:
    match outcome:
        case GenerationRequested():
            return redirect(outcome.location)
        case FormPage():
            return _form(outcome)
        case GenerationPage():
            return _generation(outcome)
        case ListPage():
            return _page(200, "authoring_list.html", page=outcome)
        case _:
            return _plain(outcome)


def _plain(outcome: Plain) -> Response:
    match outcome:
        case ForeignForm():
            return _page(403, "authoring_forged.html")
        case NotStarted():
            return _page(404, "authoring_not_started.html", page=outcome)
        case ExportReady():
            # A page rather than a redirect: `form-action 'self'` also blocks redirects to S3.
            return _page(200, "authoring_export.html", page=outcome, formats=FORMATS)
        case ExportRefused():
            return _page(422, "authoring_export_refused.html", page=outcome)


def _generation(page: GenerationPage) -> Response:
    is_python = page.progress.generation.request.brief.kind is Kind.PYTHON
    return _page(
        200,
        "authoring_generation.html",
        page=page,
        progress=page.progress,
        levels=LEVELS,
        formats={key: FORMATS[key] for key in FORMATS if is_python or key is not Format.NBGRADER},
    )


def _form(page: FormPage) -> Response:
    usable_first = sorted(page.models, key=lambda model: bool(model.missing))
    names = dict.fromkeys(model.group for model in usable_first)
    return _page(
        422 if page.problem else 200,
        "authoring_form.html",
        page=page,
        groups=[(name, [model for model in page.models if model.group == name]) for name in names],
        kinds=KINDS,
        levels=LEVELS,
        modes=MODES,
        languages=LANGUAGES,
    )


def _page(status: int, template: str, **placeholders: object) -> Response:
    return page_response(
        status,
        rendered(template, text=authoring_text, **placeholders),
        style_hashes=(content_hash("style.css"), content_hash("authoring.css")),
        script_hashes=(content_hash("authoring.js"),),
        looks_again=True,
    )
