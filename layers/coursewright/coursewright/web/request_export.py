"""Controller for the export form on a published generation's page."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from coursewright.domain.author import Author
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import ExportTask
from coursewright.pages.authoring_page import ExportFailedPage
from coursewright.steps import request_export as step
from coursewright.web.authoring_responses import ForeignForm, RequestAccepted
from coursewright.web.http import Request


def request_export(
    request: Request,
    *,
    author: Author,
    start_export: Callable[[ExportTask], None],
    now: datetime,
) -> RequestAccepted | ExportFailedPage | ForeignForm:
    """Start exporting a generation's assignments and redirect to the result's page."""
    if not (request.is_api or request.is_same_origin):
        return ForeignForm()
    generation = request.parameters["generation"]
    export_format = request.parameters.get("format") or request.field("format")
    try:
        chosen = step.request_export(
            generation, export_format, author=author, start_export=start_export
        )
    except ExportImpossible as error:
        return ExportFailedPage(generation=generation, problems=error.problems)
    page = f"/authoring/generations/{quote(generation, safe='')}/exports/{chosen}"
    return RequestAccepted(location=f"{page}?requested={int(now.timestamp())}")
