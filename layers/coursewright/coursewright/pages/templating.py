"""The Jinja environment, which escapes or sanitises all text from models and browsers."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

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
from coursewright.domain.league import LeagueRow
from coursewright.markup import formatting, i18n, sanitise
from coursewright.markup.availability_text import unavailability_text
from coursewright.markup.evidence_text import failure_message, finding_text
from coursewright.markup.export_text import export_problem_text
from coursewright.markup.highlight import highlight_quotes
from coursewright.markup.highlight_code import code_html, diff_html, module_html
from coursewright.markup.i18n import _
from coursewright.pages import audit_text, evidence_text
from coursewright.pages.assets import inline
from coursewright.pages.diffs import draft_changes
from coursewright.pages.frame_heights import height_classes
from coursewright.pages.league_plot import league_plot
from coursewright.pages.problems import problem_detail, problem_title
from coursewright.pages.requirement_map import map_requirements

TEMPLATES = Path(__file__).parent
COMPILED = TEMPLATES / "compiled"  # exists only in a built layer
EXTENSIONS = ["html", "txt"]


def render_template(template: str, **placeholders: object) -> str:
    """Return a template rendered in the active language."""
    return _environment().get_template(template).render(placeholders)


def compile_templates(folder: Path) -> None:
    """Compile all templates to Python modules, so that cold starts need not compile them."""
    loader = FileSystemLoader(TEMPLATES)
    _new_environment(loader).compile_templates(folder, EXTENSIONS, zip=None)


@cache
def _environment() -> Environment:
    is_compiled = COMPILED.exists()
    return _new_environment(ModuleLoader(COMPILED) if is_compiled else FileSystemLoader(TEMPLATES))


def _new_environment(loader: BaseLoader) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        i18n.plain_gettext,
        i18n.plain_ngettext,
        newstyle=True,
        pgettext=i18n.plain_pgettext,
        npgettext=i18n.plain_npgettext,
    )
    environment.globals.update(inline=inline, current_language=i18n.current_language)
    environment.filters.update(
        audit_event=audit_text.audit_event,
        audit_sign_in=audit_text.audit_sign_in,
        badge=evidence_text.badge,
        confirmation_text=evidence_text.confirmation_text,
        doubt_lines=evidence_text.doubt_lines,
        doubts=evidence_text.doubts,
        measurements_line=evidence_text.measurements_line,
        changes=draft_changes,
        code_html=code_html,
        count=formatting.count,
        day=formatting.day,
        decision_line=formatting.decision_line,
        diff_html=diff_html,
        statements=evidence_text.statements,
        disagreements=evidence_text.disagreements,
        evidence_line=evidence_text.evidence_line,
        export_problem_text=export_problem_text,
        finding_text=finding_text,
        failure_message=failure_message,
        frame=text_frame,
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
        seconds=formatting.seconds,
        problem_detail=problem_detail,
        problem_title=problem_title,
        unavailability_text=unavailability_text,
        share_with_interval=formatting.share_with_interval,
        grouped_digits=formatting.grouped_digits,
        unlinked=formatting.unlinked,
        wrap_lines=formatting.wrap_lines,
    )
    return environment


def text_frame(draft: DraftEvidence, language: str) -> str:
    """Return the document for the sandboxed frame with a draft's text, with quotes highlighted."""
    quotes = [requirement.quote for requirement in draft.tests.requirements] if draft.tests else []
    text = highlight_quotes(sanitise.clean_html(draft.draft.text), quotes)
    return _frame(text, _("Text of the draft"), language)


def lesson_frame(html: str, language: str) -> str:
    """Return the document for the sandboxed frame with the lesson."""
    return _frame(sanitise.clean_html(html), _("Text of the lesson"), language)


def _frame(clean_html: str, title: str, language: str) -> str:
    text = Markup(clean_html)  # noqa: S704 sanitised by the callers
    return render_template("frame.html", text=text, title=title, written_in=language)


def plot(rows: Iterable[LeagueRow]) -> Markup:
    """Return the plot of a league table as SVG."""
    return Markup(league_plot(rows))  # noqa: S704 league_plot escapes the models' names
