"""The response to a request that cannot be read, whichever page it was for."""

from coursewright.pages.assets import content_hash
from coursewright.pages.review import render_problem
from coursewright.pages.view_models import Problem
from coursewright.web.http import Request
from coursewright.web.responses import Response, json_response, page_response

UNREADABLE = Problem(name="RequestUnreadable")
UNREADABLE_TEXT = "The request is too large or malformed."


def refusal_response(request: Request, status: int) -> Response:
    """Return the page, or JSON for a program, stating that a request cannot be read."""
    if request.is_api:
        return json_response({"problem": {"text": UNREADABLE_TEXT}}, status)
    language = request.accept_language
    html = render_problem(UNREADABLE, accept_language=language, can_ask=False)
    styles = (content_hash("style.css"), content_hash("frame.css"))
    return page_response(status, html, style_hashes=styles)
