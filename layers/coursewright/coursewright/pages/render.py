"""Renders pages; everything a model or a browser wrote is escaped or sanitised here."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup

from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.errors import LinkInvalid, ReviewError, ReviewExpired, ReviewMissing
from coursewright.domain.league import LeagueRow
from coursewright.domain.problems import ProblemCode
from coursewright.markup import formatting, i18n, sanitise
from coursewright.markup.availability_text import unavailability_text
from coursewright.markup.formatting import grouped_digits
from coursewright.markup.highlight import highlight_quotes
from coursewright.markup.highlight_code import code_html, diff_html, module_html
from coursewright.markup.i18n import _
from coursewright.pages import audit_text, evidence_text
from coursewright.pages.assets import content_hash, inline
from coursewright.pages.changes import changes
from coursewright.pages.frame_heights import height_classes
from coursewright.pages.league_plot import league_plot
from coursewright.pages.requirement_map import map_requirements
from coursewright.pages.truncate import part_limit, truncate_draft
from coursewright.pages.view_models import (
    AuditDocument,
    FreshLinkRequested,
    Problem,
    ReviewPage,
    ReviewSubpage,
    SessionOpened,
    SubmissionAccepted,
)
from coursewright.web.http import (
    Request,
    Response,
    json_response,
    page_response,
    redirect,
    session_cookie,
    sign_in_cookie,
)

HERE = Path(__file__).parent
COMPILED = HERE / "compiled"  # only where the layer was built
TEMPLATES = ["html", "txt"]
MAX_PATH_SLASHES = 3  # of /reviews/{generation}/{round}


type Outcome = (
    SessionOpened
    | SubmissionAccepted
    | ReviewPage
    | ReviewSubpage
    | FreshLinkRequested
    | AuditDocument
)


def respond(request: Request, act: Callable[[], Outcome]) -> Response:
    """Answer a browser with what a step came to; every bad link gets one and the same page."""
    wished = i18n.preferred_language(request.accept_language)
    try:
        outcome = act()
    except (LinkInvalid, ReviewMissing):
        return plain_page(LinkInvalid, language=wished, can_ask=_can_ask(request))
    except ReviewExpired:
        return plain_page(ReviewExpired, language=wished)
    return _answer(outcome, request, wished)


def _answer(outcome: Outcome, request: Request, wished: str) -> Response:
    if isinstance(outcome, SessionOpened):
        cookie = session_cookie(
            outcome.review,
            outcome.session,
            own_origin=request.own_origin,
            seconds=outcome.seconds,
        )
        return redirect(outcome.location, cookie)
    if isinstance(outcome, SubmissionAccepted):
        return redirect(outcome.location, *_sign_in_cookies(outcome, request))
    if isinstance(outcome, FreshLinkRequested):
        with i18n.use_language(wished):
            return _with_headers(200, rendered("link_asked.html"))
    return _shown(outcome)


def _shown(outcome: ReviewPage | ReviewSubpage | AuditDocument) -> Response:
    if isinstance(outcome, AuditDocument):
        return json_response(outcome.content)
    return review_page(outcome) if isinstance(outcome, ReviewPage) else own_page(outcome)


def review_page(page: ReviewPage) -> Response:
    """Show a review: its drafts side by side, and the form while a decision is possible."""
    status = _problems()[page.problem.name]["status"] if page.problem else 200
    most = part_limit(page.drafts)
    shown = (truncate_draft(one, most) for one in page.drafts)
    by_task = groupby(shown, key=lambda one: one.draft.number)
    with i18n.use_language(page.request.brief.language):
        html = rendered(
            "review.html",
            page=page,
            tasks=[(number, tuple(drafts)) for number, drafts in by_task],
            most=most,
            problem=problem_text(page.problem) if page.problem else None,
            closed=problem_text(Problem(name=page.closed_reason)) if page.closed_reason else None,
        )
    return _with_headers(status, html, "review.js")


def own_page(page: ReviewSubpage) -> Response:
    """Show a page of a review that is not the review itself."""
    status = _problems()[page.problem.name]["status"] if page.problem else 200
    with i18n.use_language(page.request.brief.language):
        html = rendered(
            page.template,
            page=page,
            problem=problem_text(page.problem) if page.problem else None,
            closed=problem_text(Problem(name=page.closed_reason)) if page.closed_reason else None,
        )
    answer = _with_headers(status, html)
    if not page.seconds_to_next_look:
        return answer
    # In a header: the page says so in words, and needs no script.
    headers = answer.headers | {"refresh": str(page.seconds_to_next_look)}
    return answer.model_copy(update={"headers": headers})


def _sign_in_cookies(outcome: SubmissionAccepted, request: Request) -> tuple[str, ...]:
    if not outcome.sign_in:
        return ()
    cookie = sign_in_cookie(
        outcome.review,
        outcome.sign_in,
        own_origin=request.own_origin,
        seconds=outcome.seconds,
    )
    return (cookie,)


def plain_page(
    error: type[ReviewError], *, language: str = i18n.SOURCE_LANGUAGE, can_ask: bool = False
) -> Response:
    """Show a page without any review on it, in a language of the browser's."""
    with i18n.use_language(language):
        problem = problem_text(Problem(name=error.__name__))
        html = rendered("plain.html", problem=problem, can_ask=can_ask)
    return _with_headers(problem["status"], html)


def _can_ask(request: Request) -> bool:
    """Whether the page may offer a fresh link: under a mailed link or on the review itself."""
    return request.method in ("GET", "HEAD") and request.path.count("/") <= MAX_PATH_SLASHES


def problem_text(problem: Problem) -> dict[str, Any]:
    """Return a problem's status, title, text and advice."""
    wording = _problems()[problem.name]
    texts = {name: _(wording[name]) if wording[name] else "" for name in ("title", "text", "next")}
    if problem.code is not None:
        texts["text"] = problem_detail(problem.code, problem.params)
    return {"status": wording["status"], **texts}


def problem_title(name: str) -> str:
    """Return the title of the problem that an error's name stands for."""
    title: str = _problems()[name]["title"]
    return _(title)


def problem_detail(code: ProblemCode, params: Mapping[str, str | int]) -> str:
    """Return what is wrong with a form."""
    shown = {name: grouped_digits(n) if isinstance(n, int) else n for name, n in params.items()}
    text: str = _problems()["details"][code]
    return _(text, **shown)


def rendered(template: str, **placeholders: object) -> str:
    """Fill a template's gaps, in the language that is spoken."""
    return _templates().get_template(template).render(placeholders)


def compile_templates(folder: Path) -> None:
    """Turn all templates into modules: a function would compile them anew at every cold start."""
    _environment(FileSystemLoader(HERE)).compile_templates(folder, TEMPLATES, zip=None)


@cache
def _templates() -> Environment:
    return _environment(ModuleLoader(COMPILED) if COMPILED.exists() else FileSystemLoader(HERE))


def _environment(loader: BaseLoader) -> Environment:
    """Return the templates, strict about gaps, with the words that they use."""
    templates = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.policies["ext.i18n.trimmed"] = True
    templates.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        i18n.plain_gettext,
        i18n.plain_ngettext,
        newstyle=True,
        pgettext=i18n.plain_pgettext,
        npgettext=i18n.plain_npgettext,
    )
    templates.globals.update(inline=inline, current_language=i18n.current_language)
    templates.filters.update(
        audit_event=audit_text.audit_event,
        audit_sign_in=audit_text.audit_sign_in,
        certificate_line=evidence_text.certificate_line,
        changes=changes,
        code_html=code_html,
        count=formatting.count,
        day=formatting.day,
        decision_line=formatting.decision_line,
        diff_html=diff_html,
        statements=evidence_text.statements,
        disagreements=evidence_text.disagreements,
        evidence_line=evidence_text.evidence_line,
        frame=frame,
        height_classes=height_classes,
        lesson_frame=lesson_frame,
        comma_list=formatting.comma_list,
        model_name=formatting.model_name,
        module_html=module_html,
        moment=formatting.moment,
        money=formatting.money,
        month_name=formatting.month_name,
        one_line=formatting.one_line,
        percent=formatting.percent,
        plot=plot,
        map_requirements=map_requirements,
        price=formatting.price,
        removed_from=sanitise.removed_from,
        seconds=formatting.seconds,
        problem_detail=problem_detail,
        problem_title=problem_title,
        unavailability_text=unavailability_text,
        share_with_interval=formatting.share_with_interval,
        grouped_digits=formatting.grouped_digits,
        wrap_lines=formatting.wrap_lines,
    )
    return templates


def frame(one: DraftEvidence, language: str) -> str:
    """Return the document of the sandboxed frame that shows a draft's text, quotes highlighted."""
    quotes = [requirement.quote for requirement in one.tests.requirements] if one.tests else []
    text = highlight_quotes(sanitise.clean_html(one.draft.text), quotes)
    return _frame(text, _("Text of the draft"), language)


def lesson_frame(html: str, language: str) -> str:
    """Return the document of the sandboxed frame that shows the lesson."""
    return _frame(sanitise.clean_html(html), _("Text of the lesson"), language)


def _frame(clean: str, title: str, language: str) -> str:
    text = Markup(clean)  # noqa: S704 sanitised by those who call
    return rendered("frame.html", text=text, title=title, written_in=language)


def plot(rows: Iterable[LeagueRow]) -> Markup:
    """Return the picture of a league; its words are escaped where it is drawn."""
    return Markup(league_plot(rows))  # noqa: S704 every word of a model's name is escaped there


def _with_headers(status: int, html: str, *scripts: str) -> Response:
    return page_response(
        status,
        html,
        style_hashes=(content_hash("style.css"), content_hash("frame.css")),
        script_hashes=tuple(map(content_hash, scripts)),
    )


@cache
def _problems() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "problems.toml").read_text(encoding="utf-8"))
