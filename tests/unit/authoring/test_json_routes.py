"""Programs use JSON routes with a token that the API has validated, never with a session."""

import json
from typing import Any

import pytest

from coursewright.domain.sign_in import AuthorSession
from coursewright.web.responses import Response
from tests.unit.authoring.builders import FORM, LESSON, LIN, Author
from tests.unit.review.builders import GENERATION, MODELS

DETAIL: dict[str, Any] = {
    "course": {"id": "python-basics", "title": "Python basics", "kind": "python"},
    "module": {"id": "loops", "title": "Loops", "html": LESSON},
    "brief": {"models": list(MODELS)},
    "reviewers": ["ada@example.edu"],
}
CREATE = "/authoring/api/generations"
READ = "/authoring/api/generations/{generation}"
EXPORT = "/authoring/api/generations/{generation}/exports/{format}"


def post(author: Author, body: object, kind: str = "application/json") -> Response:
    event = author.event("POST", CREATE, {})
    event["headers"] |= {"content-type": kind}
    event["body"] = body if isinstance(body, str) else json.dumps(body)
    return author.receive(event)


def test_a_program_requests_a_generation_for_the_author_of_its_token() -> None:
    author = Author()

    answer = post(author, DETAIL | {"author": {"sub": "somebody else"}})

    (detail,) = author.bus.details
    assert answer.status == 202
    assert json.loads(answer.body)["location"].startswith("/authoring/generations/")
    assert detail["author"] == LIN.model_dump()
    assert "s3" in detail["module"]


@pytest.mark.parametrize(
    "body",
    [
        *("", "null", "[]", '"text"', "{", "[" * 100_000, "9" * 5_000, "{}", '{"course": 1}'),
        json.dumps(DETAIL | {"brief": {"models": 7}}),
        json.dumps(DETAIL | {"brief": None}),
        json.dumps(DETAIL | {"module": {"id": "loops"}}),
        json.dumps(DETAIL | {"reviewers": ["lin@example.edu"]}),
        json.dumps(DETAIL | {"brief": {"models": ["openai:keyless"]}}),
    ],
)
def test_a_malformed_request_is_refused_with_a_reason(body: str) -> None:
    author = Author()

    answer = post(author, body)

    assert answer.status == 422
    assert json.loads(answer.body)["problem"]
    assert author.bus.details == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"headers": {"x-long": "x" * 40_000}}, 431),
        ({"queryStringParameters": {"requested": "x" * 10_000}}, 414),
        ({"headers": {"content-type": "multipart/form-data; boundary=b"}}, 415),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_as_json(
    change: dict[str, Any], status: int
) -> None:
    author = Author()

    answer = author.receive(author.event("POST", CREATE, {}) | change)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body)["problem"]["text"]
    assert author.bus.details == []


def test_another_content_type_is_not_read_as_json() -> None:
    author = Author()

    answer = post(author, DETAIL, "text/plain")

    assert answer.status == 422
    assert author.bus.details == []


def test_a_session_does_not_open_the_json_routes() -> None:
    author = Author()
    session = AuthorSession(author=LIN, expiry=4_000_000_000)
    author.cookie = f"__Host-author-session={author.access.cookies.sign(session)}"
    author.claims = {}

    answers = [post(author, DETAIL), author.look(READ, generation=GENERATION)]

    assert [answer.status for answer in answers] == [401, 401]
    assert author.bus.details == []


def test_a_program_reads_the_state_and_the_author_of_a_generation() -> None:
    author = Author()

    found, missing = (author.look(READ, generation=name) for name in (GENERATION, "unknown"))

    content = json.loads(found.body)
    assert (found.status, missing.status) == (200, 404)
    assert (content["generation"], content["status"]) == (GENERATION, "running")
    assert found.headers["content-type"] == "application/json"
    assert "ada@example.edu" not in found.body


@pytest.mark.parametrize(("form", "status"), [("moodle", 202), ("word", 422)])
def test_a_program_requests_an_export(form: str, status: int) -> None:
    author = Author()
    event = author.event("POST", EXPORT, {"generation": GENERATION, "format": form})

    answer = author.receive_export(event)

    assert answer.status == status
    assert [task.author for task in author.started_exports] == [LIN] * (status == 202)


def test_a_form_cannot_be_sent_to_a_json_route() -> None:
    author = Author()
    event = author.event("POST", CREATE, {})
    event["headers"] |= {"content-type": "application/x-www-form-urlencoded"}
    event["body"] = "&".join(f"{name}={value}" for name, value in FORM.items())

    answer = author.receive(event)

    assert answer.status == 422
    assert author.bus.details == []
