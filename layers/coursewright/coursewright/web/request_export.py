"""Controller of the export form on the page of a published generation."""

from coursewright.domain.errors import ExportImpossible
from coursewright.pages.authoring_page import ExportFailedPage, ExportPage
from coursewright.steps import request_export as step
from coursewright.steps.request_export import RequestExportDeps
from coursewright.web.authoring_responses import ForeignForm
from coursewright.web.http import Request


def request_export(
    request: Request, *, deps: RequestExportDeps
) -> ExportPage | ExportFailedPage | ForeignForm:
    """Export a generation's assignments, or show why that is not possible."""
    if not request.is_same_origin:
        return ForeignForm()
    generation, export_format = request.parameters["generation"], request.field("format")
    try:
        exported = step.request_export(generation, export_format, deps=deps)
    except ExportImpossible as error:
        return ExportFailedPage(generation=generation, text=str(error))
    return ExportPage(generation=generation, exported=exported)
