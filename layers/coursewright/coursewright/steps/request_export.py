"""The course author takes the approved assignments of a generation along as a file."""

from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Format
from coursewright.pages.authoring_page import ExportReady, ExportRefused, ForeignForm
from coursewright.ports.assignments import Exporter
from coursewright.web.http import Request


def request_export(
    request: Request, *, exporter: Exporter
) -> ExportReady | ExportRefused | ForeignForm:
    """Have a generation exported, or say why that cannot be."""
    if not request.is_same_origin:
        return ForeignForm()
    generation, wanted = request.parameters["generation"], request.field("format")
    if wanted not in set(Format):
        text = f"There is no format {wanted!r}; choose one of {', '.join(Format)}."
        return ExportRefused(generation=generation, text=text)
    try:
        exported = exporter.export(generation, Format(wanted))
    except ExportImpossible as error:
        return ExportRefused(generation=generation, text=str(error))
    return ExportReady(generation=generation, exported=exported)
