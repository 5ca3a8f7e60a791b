"""Controller for the page that waits for an export and then links to its file."""

from datetime import UTC, datetime

from coursewright.domain.export import EXPORT_WAIT, ExportTask, Format
from coursewright.pages.authoring_page import ExportFailedPage, ExportPage, ExportPendingPage
from coursewright.steps.generation_progress import AuthoringDeps
from coursewright.web.http import Request


def show_export(
    request: Request, *, deps: AuthoringDeps
) -> ExportPage | ExportPendingPage | ExportFailedPage:
    """Return an export's result, or a waiting page while the result may still arrive."""
    generation, export_format = request.parameters["generation"], request.parameters["format"]
    if export_format not in set(Format):
        return ExportFailedPage(generation=generation)
    task = ExportTask(names=(generation,), format=Format(export_format))
    requested_at, result = _requested_at(request), deps.exports.find(task.export)
    if result and result.answers(requested_at):
        if result.problems:
            return ExportFailedPage(generation=generation, problems=result.problems)
        link = deps.exports.link(task.export, result)
        return ExportPage(generation=generation, export=result, link=link)
    if requested_at <= deps.clock.now() < requested_at + EXPORT_WAIT:
        return ExportPendingPage(generation=generation, format=task.format)
    return ExportFailedPage(generation=generation)


def _requested_at(request: Request) -> datetime:
    text = request.query.get("requested", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= len("9999999999")
    return datetime.fromtimestamp(int(text) if is_number else 0, UTC)
