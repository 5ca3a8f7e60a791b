"""Renders the authoring pages."""

from coursewright.domain.brief import Kind, Level, Mode
from coursewright.domain.export import Format
from coursewright.markup.i18n import N_, preferred_language, use_language
from coursewright.pages import authoring_text
from coursewright.pages.authoring_page import (
    ExportFailedPage,
    ExportPage,
    ExportPendingPage,
    FormPage,
    GenerationPage,
    ListPage,
    NotStartedPage,
    SignedOutPage,
    SignInPage,
    Viewer,
)
from coursewright.pages.sign_in_text import sign_in_text
from coursewright.pages.templating import render_template

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
    Mode.EXPLORE: N_("look up details first, in several calls (more expensive)"),
}
LANGUAGES = {"en": "English", "de": "Deutsch", "ru": "Русский", "fr": "Français", "es": "Español"}
FORMATS = {
    Format.MOODLE: N_("Moodle"),
    Format.EXERCISM: N_("Exercism"),
    Format.JSONL: N_("JSON Lines"),
    Format.NBGRADER: N_("nbgrader (Python only)"),
}
TEMPLATES: dict[type[object], str] = {
    ListPage: "authoring_list.html",
    ExportPage: "authoring_export.html",
    ExportPendingPage: "authoring_export_pending.html",
    ExportFailedPage: "authoring_export_refused.html",
    NotStartedPage: "authoring_not_started.html",
    SignInPage: "authoring_sign_in.html",
    SignedOutPage: "authoring_signed_out.html",
}


type AuthoringPage = (
    ListPage
    | GenerationPage
    | FormPage
    | ExportPage
    | ExportPendingPage
    | ExportFailedPage
    | NotStartedPage
    | SignInPage
    | SignedOutPage
)


def render_authoring(
    page: AuthoringPage, *, accept_language: str, viewer: Viewer | None = None
) -> str:
    """Return an authoring page in the browser's preferred language."""
    with use_language(preferred_language(accept_language)):
        match page:
            case GenerationPage():
                return _render_generation(page, viewer)
            case FormPage():
                return _render_form(page, viewer)
            case _:
                template = TEMPLATES[type(page)]
                return _render(template, viewer, page=page, formats=FORMATS)


def render_foreign_form(*, accept_language: str, viewer: Viewer | None = None) -> str:
    """Return the page shown for a form that did not come from the authoring pages."""
    with use_language(preferred_language(accept_language)):
        return _render("authoring_forged.html", viewer)


def _render_generation(page: GenerationPage, viewer: Viewer | None) -> str:
    is_python = page.progress.generation.request.brief.kind is Kind.PYTHON
    formats = {key: FORMATS[key] for key in FORMATS if is_python or key is not Format.NBGRADER}
    return _render(
        "authoring_generation.html",
        viewer,
        page=page,
        progress=page.progress,
        levels=LEVELS,
        formats=formats,
    )


def _render_form(page: FormPage, viewer: Viewer | None) -> str:
    usable_first = sorted(page.models, key=lambda model: bool(model.missing))
    names = dict.fromkeys(model.group for model in usable_first)
    return _render(
        "authoring_form.html",
        viewer,
        page=page,
        groups=[(name, [each for each in page.models if each.group == name]) for name in names],
        kinds=KINDS,
        levels=LEVELS,
        modes=MODES,
        languages=LANGUAGES,
    )


def _render(template: str, viewer: Viewer | None, **placeholders: object) -> str:
    names = {"text": authoring_text, "viewer": viewer, "sign_in_text": sign_in_text}
    return render_template(template, **names, **placeholders)
