"""A submitted form publishes the platform's event exactly once, or shows an error."""

import base64
from urllib.parse import urlencode

import pytest

from coursewright.domain.lesson import EVENT_DETAIL_TYPE, EVENT_SOURCE
from coursewright.domain.model_call import Price, Unavailability, UnavailabilityCode
from coursewright.steps.start_generation import StartGenerationDeps, start_generation
from coursewright.web.responses import Response
from tests.fakes.memory_agents import MemoryGenerations, MemoryLessons
from tests.fakes.memory_authoring import MemoryCatalogue, MemoryExecutions
from tests.fakes.memory_budget import MemoryBudgets
from tests.fakes.memory_review import MemoryAudit
from tests.unit.authoring.builders import (
    AUTHORING,
    FORM,
    LESSON,
    LIN,
    SETTINGS,
    Author,
    listed,
)
from tests.unit.review.builders import MODELS, FixedClock


def started_by(author: Author, executions: MemoryExecutions) -> list[str]:
    """Pass every event on the bus to start_generation and return the generations' ids."""
    placed = {("memory", key): html for key, html in author.lessons.uploads.items()}
    placed |= {("lessons", "loops.html"): LESSON}
    deps = StartGenerationDeps(
        lessons=MemoryLessons(placed),
        generations=MemoryGenerations(),
        executions=executions,
        models=author.registry,
        budgets=MemoryBudgets(),
        pessimistic=Price(input=15, output=75),
        audit=MemoryAudit(),
        clock=FixedClock(),
        salt=lambda: "salt",
    )
    events = (
        {"source": EVENT_SOURCE, "detail-type": EVENT_DETAIL_TYPE, "detail": detail}
        for detail in author.bus.details
    )
    return [start_generation(event, deps=deps, settings=SETTINGS).generation for event in events]


def multipart(fields: dict[str, object], file: bytes) -> tuple[str, bytes]:
    boundary = "b0undary"
    parts = []
    for name, value in fields.items():
        for field_value in value if isinstance(value, list) else [value]:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(f"{head}{field_value}\r\n".encode())
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="lesson_file"; filename="a.html"'
    parts.append(f"{head}\r\nContent-Type: text/html\r\n\r\n".encode() + file + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)


def send_file(author: Author, file: bytes, **changes: object) -> Response:
    kind, body = multipart(FORM | {"lesson": ""} | changes, file)
    event = author.event("POST", "/authoring/generations", {})
    event["headers"] |= {"content-type": kind, "origin": AUTHORING}
    event["body"] = base64.b64encode(body).decode()
    return author.receive(event | {"isBase64Encoded": True})


def test_an_event_names_the_author_from_the_token_whatever_the_form_says() -> None:
    author = Author()

    answer = author.send(author='{"sub": "somebody else"}', sub="somebody else")

    (detail,) = author.bus.details
    assert answer.status == 303
    assert detail["author"] == LIN.model_dump()


@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"email": "lin@example.edu"}])
def test_a_visitor_without_an_identity_starts_nothing(claims: dict[str, str]) -> None:
    author = Author()
    author.claims = claims

    answers = [author.send(), author.export("moodle"), author.look("/authoring")]

    assert [answer.status for answer in answers] == [401, 401, 303]
    assert answers[2].headers["location"] == "/authoring/sign-in?to=%2Fauthoring"
    assert (author.bus.details, author.started_exports) == ([], [])
    assert "Loops" not in answers[2].body


@pytest.mark.parametrize(
    ("reviewers", "domains", "text"),
    [
        ("ada@example.edu, eve@evil.example", ("example.edu",), "eve@evil.example is outside"),
        ("Lin+1@example.edu", (), "Lin+1@example.edu belongs to the author"),
    ],
)
def test_a_reviewer_who_may_not_review_is_named_on_the_form(
    reviewers: str, domains: tuple[str, ...], text: str
) -> None:
    author = Author()
    author.settings = SETTINGS.model_copy(update={"reviewer_domains": domains})

    answer = author.send(reviewers=reviewers)

    assert answer.status == 422
    assert text in answer.body
    assert author.bus.details == []


def test_an_author_without_an_address_is_told_what_to_do() -> None:
    author = Author()
    author.claims = {"sub": "9f3c"}

    answer = author.send()

    assert "account has no email address" in answer.body
    assert author.bus.details == []


def test_an_author_may_review_if_the_deployment_allows_it() -> None:
    author = Author()
    author.settings = SETTINGS.model_copy(update={"author_may_review": True})

    answer = author.send(reviewers="lin@example.edu")

    assert answer.status == 303


def test_a_form_puts_the_event_of_the_platform_on_the_bus() -> None:
    author = Author()

    answer = author.send()

    (detail,) = author.bus.details
    (lesson,) = author.lessons.uploads.values()
    assert answer.status == 303
    assert lesson == LESSON
    assert detail["reviewers"] == ["ada@example.edu", "grace@example.edu"]
    assert detail["brief"]["tasks_count"] == 2
    assert detail["brief"]["audience"]["known_topics"] == ["variables", "if"]
    assert "html" not in detail["module"]


def test_a_form_sent_ten_times_is_one_generation_and_leads_to_its_page() -> None:
    author, executions = Author(), MemoryExecutions()

    locations = {author.send().headers["location"] for _ in range(10)}

    generations = set(started_by(author, executions))
    assert locations == {f"/authoring/generations/{name}" for name in generations}
    assert len(executions.started) == 1


def test_a_forced_repetition_is_a_new_generation_but_a_double_click_is_not() -> None:
    author, executions = Author(), MemoryExecutions()

    author.send()
    author.send(fresh="yes")
    author.send(fresh="yes")
    author.send(fresh="yes", ticket="another-page")

    assert len(set(started_by(author, executions))) == 3


def test_an_estimate_starts_nothing() -> None:
    author = Author()

    answer = author.send(act="estimate")

    assert answer.status == 200
    assert "Estimated cost" in answer.body
    assert "price unknown" in answer.body
    assert (author.bus.details, author.lessons.uploads) == ([], {})


def test_a_form_without_a_button_starts_nothing() -> None:
    author = Author()

    author.send(act="")

    assert author.bus.details == []


def test_an_estimate_preserves_the_form() -> None:
    answer = Author().send(act="estimate", known_topics='<b>"quoted"</b>', hints="yes")

    assert "&lt;b&gt;&#34;quoted&#34;&lt;/b&gt;" in answer.body
    assert 'name="hints" value="yes" checked' in answer.body
    assert 'value="a-ticket"' in answer.body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_page_starts_nothing(headers: dict[str, str]) -> None:
    author = Author()

    answer = author.send(headers)

    assert answer.status == 403
    assert author.bus.details == []


BAD: list[tuple[dict[str, object], str]] = [
    ({"tasks_count": "0"}, "Number of tasks"),
    ({"tasks_count": "many"}, "Number of tasks"),
    ({"tasks_count": "²"}, "Number of tasks"),
    ({"models": []}, "Select at least one model."),
    ({"models": ["openai:nobody"]}, "openai:nobody is not in the registry"),
    ({"models": ["openai:keyless"]}, "openai:keyless is unavailable"),
    ({"lesson": "  "}, "Paste the lesson"),
    ({"lesson": "a" * 5_000_001}, "larger than 5 MB"),
    ({"lesson": "<p>&nbsp;</p>"}, "contains no text"),
    ({"module_title": "Loops \u202egnp"}, "plain text on one line"),
    ({"reviewers": "Ada<ada@example.edu>"}, "not a valid email address"),
    ({"lesson_place": "s3://lessons/loops.html"}, "not both"),
    ({"lesson": "", "lesson_place": "loops.html"}, "s3://bucket/key"),
    ({"lesson": "", "lesson_place": "s3://lessons/nowhere"}, "no object"),
    ({"language": "klingon"}, "Language"),
    ({"level": "genius"}, "Audience"),
    ({"mode": "magic"}, "Agent mode"),
    ({"kind": "cobol"}, "Assignment type"),
    ({"course_id": "a b"}, "Course ID"),
    ({"module_title": ""}, "Module title"),
    ({"reviewers": "ada"}, "ada"),
]


@pytest.mark.parametrize(("changes", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_form_is_shown_again_with_the_reason(changes: dict[str, object], reason: str) -> None:
    author = Author()

    answer = author.send(**changes)

    assert answer.status == 422
    assert reason in answer.body
    assert "Nothing was started" in answer.body
    assert author.bus.details == []


def test_a_file_takes_the_place_of_the_text() -> None:
    author = Author()

    answer = send_file(author, LESSON.encode(), lesson="<p>Something else.</p>")

    assert answer.status == 303
    assert list(author.lessons.uploads.values()) == [LESSON]


def test_a_pasted_lesson_and_its_file_are_the_same_lesson() -> None:
    author = Author()
    lines = "<h1>Loops</h1>\n<p>Two lines.</p>"

    pasted = author.send(lesson=lines.replace("\n", "\r\n"))
    sent = send_file(author, lines.encode())

    assert pasted.headers["location"] == sent.headers["location"]


def test_a_file_that_is_not_utf_8_is_named_as_such() -> None:
    answer = send_file(Author(), "<p>Größe</p>".encode("latin-1"))

    assert answer.status == 422
    assert "not encoded in UTF-8" in answer.body


def test_a_lesson_in_s3_is_named_and_not_copied() -> None:
    author, executions = Author(), MemoryExecutions()

    answer = author.send(lesson="", lesson_place="s3://lessons/loops.html")

    (detail,) = author.bus.details
    assert detail["module"]["s3"] == {"bucket": "lessons", "key": "loops.html"}
    assert author.lessons.uploads == {}
    assert answer.headers["location"].endswith(started_by(author, executions)[0])


def test_empty_fields_are_left_to_the_deployment() -> None:
    author = Author()

    author.send(tasks_count="", language="", reviewers="")

    (detail,) = author.bus.details
    assert "reviewers" not in detail
    assert "tasks_count" not in detail["brief"]
    assert "language" not in detail["brief"]


def test_a_body_that_is_not_a_form_is_refused_with_the_reason() -> None:
    author = Author()
    event = author.event("POST", "/authoring/generations", {})
    event["headers"] |= {"content-type": "multipart/form-data", "origin": AUTHORING}
    event["body"] = urlencode(FORM, doseq=True)

    answer = author.receive(event)

    assert answer.status == 400


def test_a_disabled_model_cannot_be_chosen() -> None:
    author = Author()
    author.catalogue = MemoryCatalogue(
        listed(MODELS[0], Unavailability(code=UnavailabilityCode.DISABLED))
    )

    answer = author.send(models=[MODELS[0]])

    assert "disabled" in answer.body
    assert author.bus.details == []
