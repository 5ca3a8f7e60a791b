"""A published generation is exported as a file, or the page explains why it cannot be."""

from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from coursewright.adapters.async_function import AsyncFunction
from coursewright.domain.brief import Kind
from coursewright.domain.export import EXPORT_WAIT, Export, ExportTask, Format
from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.domain.generation import GenerationStatus
from tests.cloudformation import load_template
from tests.unit.authoring.builders import LIN, Author
from tests.unit.review.builders import ADA, GENERATION, START, generation

ROOT = Path(__file__).parents[3]
REQUESTED = str(int(START.timestamp()))
TASK = ExportTask(names=(GENERATION,), format=Format.MOODLE)
READY = Export(
    format=Format.MOODLE,
    finished_at=START,
    assignments=2,
    content_sha256="0f3a",
    file="moodle.xml",
)
PROBLEM = ExportProblem(
    code=ExportProblemCode.FILE_NAME_INVALID,
    params={"file_name": "<b>.py"},
    title="Leap years",
    format="moodle",
)
IMPOSSIBLE = Export(format=Format.MOODLE, finished_at=START, problems=(PROBLEM,))
PAGE = f"/authoring/generations/{GENERATION}"
ACTION = f'action="{PAGE}/export"'


class StubLambda:
    """A Lambda client that records every call."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> None:
        self.calls.append(call)


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
def test_a_requested_export_is_started_and_leads_to_its_page(form: Format) -> None:
    author = Author()

    answer = author.export(form)

    assert answer.status == 303
    assert answer.headers["location"] == f"{PAGE}/exports/{form}?requested={REQUESTED}"
    assert author.started_exports == [ExportTask(names=(GENERATION,), format=form, author=LIN)]


def test_a_name_from_the_address_stays_in_the_path_of_the_redirect() -> None:
    answer = Author().export("moodle", "//evil.example/?\r\n")

    path = "/authoring/generations/%2F%2Fevil.example%2F%3F%0D%0A/exports/moodle"
    assert answer.headers["location"].partition("?")[0] == path


@pytest.mark.parametrize("form", ["", "word", "<b>", "MOODLE"])
def test_an_unknown_format_starts_nothing(form: str) -> None:
    author = Author()

    answer = author.export(form)

    assert answer.status == 422
    assert author.started_exports == []
    assert "choose one of moodle, exercism, jsonl, nbgrader" in answer.body
    assert "<b>" not in answer.body


def test_a_form_of_a_foreign_page_exports_nothing() -> None:
    author = Author()

    answer = author.export("moodle", origin="https://evil.example")

    assert answer.status == 403
    assert author.started_exports == []


def test_an_export_in_preparation_is_a_page_that_refreshes_itself() -> None:
    author = Author()

    answer = author.look_at_export("moodle", REQUESTED)

    assert (answer.status, answer.headers["refresh"]) == (200, "3")
    assert "The export is being prepared" in answer.body


def test_a_finished_export_is_a_page_with_a_link() -> None:
    author = Author()
    author.exports.save(TASK.export, READY)

    answer = author.look_at_export("moodle", REQUESTED)

    link = author.exports.link(TASK.export, READY)
    assert answer.status == 200
    assert f'href="{link}"' in unescape(answer.body)
    assert f'href="{PAGE}"' in answer.body
    assert "refresh" not in answer.headers


def test_what_cannot_be_exported_is_explained() -> None:
    author = Author()
    author.exports.save(TASK.export, IMPOSSIBLE)

    answer = author.look_at_export("moodle", REQUESTED)

    assert answer.status == 422
    assert (
        "“Leap years” cannot be exported as moodle: the file name “&lt;b&gt;.py” is not valid on "
        "every system."
    ) in answer.body
    assert "refresh" not in answer.headers


def test_the_problem_of_an_earlier_request_is_not_the_result_of_this_one() -> None:
    author = Author()
    author.exports.save(
        TASK.export, IMPOSSIBLE.model_copy(update={"finished_at": START - timedelta(seconds=1)})
    )

    answer = author.look_at_export("moodle", REQUESTED)

    assert "The export is being prepared" in answer.body


@pytest.mark.parametrize(("minutes", "status"), [(6, 200), (8, 404)])
def test_an_export_is_not_awaited_for_ever(minutes: int, status: int) -> None:
    author = Author()
    author.harness.clock.advance(minutes=minutes)

    answer = author.look_at_export("moodle", REQUESTED)

    assert answer.status == status
    assert ("within seven minutes" in answer.body) == (status == 404)
    assert ("refresh" in answer.headers) == (status == 200)


@pytest.mark.parametrize("requested", ["", "yesterday", "-1", "9" * 20, "9999999999", "²"])
def test_an_address_without_a_usable_time_waits_for_nothing(requested: str) -> None:
    answer = Author().look_at_export("moodle", requested)

    assert answer.status == 404
    assert "refresh" not in answer.headers


def test_an_unknown_format_has_no_page() -> None:
    answer = Author().look_at_export("<b>", REQUESTED)

    assert answer.status == 404
    assert "<b>" not in answer.body


def test_a_function_is_started_without_waiting_for_its_result() -> None:
    stub = StubLambda()

    AsyncFunction(cast("Any", stub), "export-function")(TASK)

    assert stub.calls == [
        {
            "FunctionName": "export-function",
            "InvocationType": "Event",
            "Payload": b'{"names":["%s"],"format":"moodle","author":null}' % GENERATION.encode(),
        }
    ]


def test_the_page_waits_as_long_as_the_function_may_take() -> None:
    function = load_template(ROOT / "template.yaml")["Resources"]["ExportAssignmentsFunction"]

    properties = function["Properties"]

    oldest = properties["EventInvokeConfig"]["MaximumEventAgeInSeconds"]
    assert timedelta(seconds=oldest + properties["Timeout"]) == EXPORT_WAIT
