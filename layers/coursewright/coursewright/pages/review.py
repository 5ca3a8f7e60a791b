"""Renders the pages of a review."""

from itertools import groupby

from coursewright.markup.i18n import preferred_language, use_language
from coursewright.pages.problems import problem_text
from coursewright.pages.templating import render_template
from coursewright.pages.truncate import part_limit, truncate_draft
from coursewright.pages.view_models import Problem, ReviewPage, ReviewSubpage


def render_review(page: ReviewPage) -> str:
    """Return the review page: drafts side by side, plus the form while the review is open."""
    max_bytes = part_limit(page.drafts)
    drafts = (truncate_draft(draft, max_bytes) for draft in page.drafts)
    by_task = groupby(drafts, key=lambda draft: draft.draft.number)
    with use_language(page.request.brief.language):
        return render_template(
            "review.html",
            page=page,
            tasks=[(number, tuple(drafts)) for number, drafts in by_task],
            most=max_bytes,
            **_problems(page),
        )


def render_subpage(page: ReviewSubpage) -> str:
    """Return a subpage of the review as HTML."""
    with use_language(page.request.brief.language):
        return render_template(page.template, page=page, **_problems(page))


def render_problem(problem: Problem, *, accept_language: str, can_ask: bool) -> str:
    """Return a page that reveals nothing about any review, in the browser's language."""
    with use_language(preferred_language(accept_language)):
        return render_template("plain.html", problem=problem_text(problem), can_ask=can_ask)


def render_link_requested(*, accept_language: str) -> str:
    """Return the page that confirms a request for a fresh link, whether or not it was valid."""
    with use_language(preferred_language(accept_language)):
        return render_template("link_asked.html")


def _problems(page: ReviewPage | ReviewSubpage) -> dict[str, dict[str, str] | None]:
    closed = Problem(name=page.closed_reason) if page.closed_reason else None
    return {
        "problem": problem_text(page.problem) if page.problem else None,
        "closed": problem_text(closed) if closed else None,
    }
