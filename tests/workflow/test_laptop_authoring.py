"""Tests the authoring pages on the laptop cloud, under the deployed roles."""

import json
import re
import urllib.request
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest

from local import demo
from local.emulator.role_policies import enforced
from local.reviewer import HttpReply, Reviewer, http_transport
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until

pytestmark = pytest.mark.slow

KEYLESS = "openai:gpt-5.4-mini"
TO_EXPORT = "Loops to take along"
MODELS = ["openai:practice-quick", "openai:practice-careful"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud, enforced():
        yield cloud


def open_page(cloud: RunningStack, path: str) -> HttpReply:
    return http_transport(cloud.stack.authoring_url)("GET", path, {}, "")


def send(cloud: RunningStack, origin: str | None = None, /, **changes: object) -> HttpReply:
    detail = demo.sample_event("python_loops.json")["detail"]
    form: dict[str, object] = {
        "course_id": detail["course"]["id"],
        "course_title": detail["course"]["title"],
        "module_id": detail["module"]["id"],
        "module_title": detail["module"]["title"],
        "kind": "python",
        "lesson": detail["module"]["html"],
        "tasks_count": "2",
        "models": MODELS,
        "language": "en",
        "level": "beginner",
        "known_topics": "variables\nif",
        "reviewers": "ada@example.edu",
        "mode": "tool",
        "act": "start",
    }
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "origin": origin or cloud.stack.authoring_url,
    }
    body = urlencode(form | changes, doseq=True)
    return http_transport(cloud.stack.authoring_url)(
        "POST", "/authoring/generations", headers, body
    )


def test_a_form_sent_ten_times_is_one_generation_that_reaches_its_review(
    cloud: RunningStack,
) -> None:
    answers = [send(cloud) for _ in range(10)]

    (location,) = {answer.headers["location"] for answer in answers}
    wait_until(lambda: "in review" in open_page(cloud, location).body, seconds=100)
    page, listed = open_page(cloud, location), open_page(cloud, "/authoring")
    assert len(cloud.stack.executions()) == 1
    assert "ada@example.edu, due" in page.body
    assert page.body.count('<span class="badge good">verified</span>') == 4
    assert "Quality and cost" in page.body
    assert f'href="{location}"' in listed.body


def asked(cloud: RunningStack, module: str) -> Reviewer:
    """Wait for the email about a module and return the reviewer who received it."""
    stack = cloud.stack
    mails = wait_until(
        lambda: [email for email in stack.mails() if module in email.text], seconds=60
    )
    return Reviewer(mails[0].text, http_transport(stack.site_url), stack.site_url)


def export(cloud: RunningStack, location: str, form: str) -> HttpReply:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "origin": cloud.stack.authoring_url,
    }
    return http_transport(cloud.stack.authoring_url)(
        "POST", f"{location}/export", headers, f"format={form}"
    )


def wait_for_export(cloud: RunningStack, accepted: HttpReply) -> HttpReply:
    """Reload the page of an export until it has a result."""

    def result() -> HttpReply | None:
        page = open_page(cloud, accepted.headers["location"])
        return None if "refresh" in page.headers else page

    found: HttpReply | None = wait_until(result, seconds=60)
    assert found is not None
    return found


def test_a_published_generation_is_exported_as_a_file(cloud: RunningStack) -> None:
    fields = {"module_title": TO_EXPORT, "tasks_count": "1", "models": MODELS[:1]}
    location = send(cloud, None, **fields).headers["location"]
    reviewer = asked(cloud, TO_EXPORT)
    form = reviewer.read_page(reviewer.open_link())
    reviewer.decide(form, "approved", approve=form.publishable)
    offer = f'action="{location}/export"'
    assert wait_until(lambda: offer in open_page(cloud, location).body, seconds=60)

    page, answer = open_page(cloud, location).body, export(cloud, location, "moodle")

    assert answer.status == 303
    assert answer.headers["location"].startswith(f"{location}/exports/moodle?requested=")
    result = wait_for_export(cloud, answer)
    link = re.search(r'href="(http[^"]+)"', result.body)
    assert link is not None
    with urllib.request.urlopen(unescape(link[1])) as file:
        quiz = file.read().decode()
    (name,) = re.findall(r"<strong>([^<$]+)</strong>\s*<span class=\"badge good\">approved", page)
    assert "coderunner" in quiz
    assert unescape(name) in unescape(quiz)


def test_an_unknown_generation_is_not_exported(cloud: RunningStack) -> None:
    answer = wait_for_export(cloud, export(cloud, "/authoring/generations/nobody", "moodle"))

    assert answer.status == 422
    assert "“nobody” is neither an approved assignment nor a generation." in answer.body


def test_the_form_offers_what_can_be_called_and_names_what_is_missing(
    cloud: RunningStack,
) -> None:
    form = open_page(cloud, "/authoring/new").body

    assert re.search(r'value="openai:practice-quick" checked>', form)
    keyless = form[form.index(f'value="{KEYLESS}"') :]
    assert keyless.startswith(f'value="{KEYLESS}" disabled>')
    assert "unavailable: OPENAI_API_KEY is not set" in keyless


def test_a_model_without_its_key_starts_nothing(cloud: RunningStack) -> None:
    before = len(cloud.stack.executions())

    answer = send(cloud, models=[KEYLESS])

    assert answer.status == 422
    assert len(cloud.stack.executions()) == before


def test_a_key_itself_is_on_no_page(cloud: RunningStack) -> None:
    secret = "a-very-secret-key"
    manager = cloud.stack.client("secretsmanager")
    manager.put_secret_value(
        SecretId=cloud.stack.outputs["ModelKeysSecretArn"],
        SecretString=json.dumps({"OTHER_API_KEY": secret}),
    )

    assert secret not in open_page(cloud, "/authoring/new").body


def test_an_estimate_is_given_and_starts_nothing(cloud: RunningStack) -> None:
    before = len(cloud.stack.executions())

    answer = send(cloud, act="estimate", tasks_count="3")

    assert answer.status == 200
    assert re.search(r"<strong>\$\d+\.\d+</strong> of the budget will be reserved", answer.body)
    assert len(cloud.stack.executions()) == before


def test_a_foreign_page_cannot_send_the_form(cloud: RunningStack) -> None:
    before = len(cloud.stack.executions())

    answer = send(cloud, "https://evil.example")

    assert answer.status == 403
    assert len(cloud.stack.executions()) == before


def test_the_review_pages_have_no_authoring_pages_and_the_authoring_pages_no_reviews(
    cloud: RunningStack,
) -> None:
    site = http_transport(cloud.stack.site_url)

    assert site("GET", "/authoring", {}, "").status == 404
    assert open_page(cloud, "/r/some-link").status == 404


def test_a_stopped_execution_is_explained(cloud: RunningStack) -> None:
    cloud.practice.start_outage("practice-quick", status=401)

    answer = send(cloud, tasks_count="1", models=[MODELS[0]], fresh="yes", ticket="a-ticket")

    location = answer.headers["location"]
    assert wait_until(
        lambda: "The generation has stopped" in open_page(cloud, location).body, seconds=100
    )
    page = open_page(cloud, location).body
    cloud.practice.end_outages()
    assert "<strong>ModelNotUsable</strong>" in page
    assert f"python -m local redrive {location.rpartition('/')[2]}" in page
