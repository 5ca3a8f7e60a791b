"""A published generation is exported as a file, or a sentence says why not."""

import json
from html import unescape
from io import BytesIO
from typing import Any, cast

import pytest

from coursewright.adapters.exporter import LambdaExporter
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Format
from coursewright.domain.generation import GenerationStatus
from tests.unit.authoring.builders import Author
from tests.unit.review.builders import ADA, GENERATION, generation

PAGE = f"/authoring/generations/{GENERATION}"
ACTION = f'action="{PAGE}/export"'


class StubLambda:
    """Answers every call with one payload."""

    def __init__(self, content: dict[str, Any], *, has_failed: bool = False) -> None:
        self._content = content
        self._error = {"FunctionError": "Unhandled"} if has_failed else {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def invoke(self, **call: Any) -> dict[str, Any]:
        self.calls.append((call["FunctionName"], json.loads(call["Payload"])))
        return {"Payload": BytesIO(json.dumps(self._content).encode()), **self._error}


def exporter(stub: StubLambda) -> LambdaExporter:
    return LambdaExporter(cast("Any", stub), "export-function")


def page_of(status: GenerationStatus, kind: Kind = Kind.PYTHON) -> str:
    author, begun = Author(), generation((ADA,))
    brief = begun.request.brief.model_copy(update={"kind": kind})
    request = begun.request.model_copy(update={"brief": brief})
    author.begin(begun.model_copy(update={"status": status, "request": request}))
    return author.look(PAGE, generation=GENERATION).body


@pytest.mark.parametrize("status", GenerationStatus)
def test_only_a_published_generation_has_the_button(status: GenerationStatus) -> None:
    assert (ACTION in page_of(status)) == (status is GenerationStatus.PUBLISHED)


@pytest.mark.parametrize("kind", Kind)
def test_only_python_is_offered_to_nbgrader(kind: Kind) -> None:
    page = page_of(GenerationStatus.PUBLISHED, kind)

    offered = {form for form in Format if f'<option value="{form}">' in page}

    assert offered == set(Format) - ({Format.NBGRADER} if kind is Kind.SQL else set())


@pytest.mark.parametrize("form", Format)
def test_an_export_is_a_page_with_a_link(form: Format) -> None:
    author = Author()

    answer = author.export(form)

    link = f"https://content.example/exports/{form}.zip?X-Amz-Expires=900&X-Amz-Signature=0"
    assert answer.status == 200
    assert author.exporter.asked == [(GENERATION, form)]
    assert f'href="{link}"' in unescape(answer.body)
    assert f'href="{PAGE}"' in answer.body


def test_what_cannot_be_exported_is_one_sentence() -> None:
    answer = Author().export("moodle", "another")

    assert answer.status == 422
    assert "another: no assignment has been approved." in answer.body


@pytest.mark.parametrize("form", ["", "word", "<b>", "MOODLE"])
def test_an_unknown_format_is_asked_of_nobody(form: str) -> None:
    author = Author()

    answer = author.export(form)

    assert answer.status == 422
    assert author.exporter.asked == []
    assert "choose one of moodle, exercism, jsonl, nbgrader" in answer.body
    assert "<b>" not in answer.body


def test_a_foreign_page_exports_nothing() -> None:
    author = Author()

    answer = author.export("moodle", origin="https://evil.example")

    assert answer.status == 403
    assert author.exporter.asked == []


def test_the_exporter_is_asked_for_one_generation() -> None:
    exported = {"format": "moodle", "assignments": 2, "file": "a.xml", "link": "https://a.example"}
    stub = StubLambda(exported)

    answer = exporter(stub).export("one", Format.MOODLE)

    assert answer.model_dump(mode="json") == exported
    assert stub.calls == [("export-function", {"names": ["one"], "format": "moodle"})]


def test_the_reason_of_the_exporter_is_kept() -> None:
    stub = StubLambda(
        {"errorType": "ExportImpossible", "errorMessage": "It holds a NUL."}, has_failed=True
    )

    with pytest.raises(ExportImpossible, match=r"^It holds a NUL\.$"):
        exporter(stub).export("one", Format.MOODLE)


def test_an_exporter_that_breaks_is_no_reason_of_the_format() -> None:
    stub = StubLambda({"errorMessage": "Task timed out after 120.00 seconds"}, has_failed=True)

    with pytest.raises(RuntimeError, match=r"one could not be exported: .*timed out"):
        exporter(stub).export("one", Format.MOODLE)
