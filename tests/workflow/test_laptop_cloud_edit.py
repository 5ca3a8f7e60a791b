"""Tests reviewers' edits and invitations on the laptop cloud, under the deployed roles."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from local import demo
from local.emulator.role_policies import enforced
from local.reviewer import HttpReply, Reviewer, ReviewRefused, http_transport
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until

pytestmark = pytest.mark.slow

SECONDS = 100  # on a busy machine
FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud, enforced():
        yield cloud


@dataclass
class Editor(Reviewer):
    """A reviewer who edits drafts of the review at `path`."""

    path: str = ""

    def page(self) -> str:
        """Return the review page."""
        return unescape(self.send("GET", self.path).body)

    def edit(self, place: int, **changes: str) -> HttpReply:
        """Open a draft's own page and submit its form."""
        page = unescape(self.send("GET", f"{self.path}/drafts/{place}").body)
        form = {"csrf": hidden(page, "csrf"), "seen": hidden(page, "seen"), "code": self.code}
        return self.post(f"{self.path}/drafts/{place}", form | changes)

    def post(self, path: str, form: dict[str, Any]) -> HttpReply:
        """Submit a form like a browser."""
        return self.send("POST", path, FORM | {"origin": self.origin}, urlencode(form, doseq=True))

    def verified(self, place: int) -> str:
        """Wait until a draft's edit has been verified and return the draft's page."""

        def answered() -> str:
            page = unescape(self.send("GET", f"{self.path}/drafts/{place}").body)
            return "" if "Verification in progress" in page else page

        return wait_until(answered, seconds=SECONDS) or ""


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def asked(cloud: RunningStack, lesson: str, title: str) -> Editor:
    event = demo.sample_event(lesson)
    event["detail"]["module"] |= {"title": title}
    event["detail"]["brief"] |= {"tasks_count": 1, "models": ["openai:practice-quick"]}
    event["detail"]["request_id"] = title
    cloud.stack.publish(event)
    stack = cloud.stack
    mails = wait_until(
        lambda: [email for email in stack.mails() if title in email.text], seconds=SECONDS
    )
    assert mails
    editor = Editor(mails[0].text, http_transport(stack.site_url), stack.site_url)
    editor.path = editor.open_link()
    return editor


@pytest.mark.parametrize("lesson", ["python_loops.json", "sql_joins.json"])
def test_scenario_38_an_edit_is_verified_and_published(cloud: RunningStack, lesson: str) -> None:
    editor = asked(cloud, lesson, f"Edited {lesson.removesuffix('.json')}")

    saved = editor.edit(1, name="Named by a teacher", text="<p>Do it well.</p>")
    early = editor.page()
    page = editor.verified(1)
    form = editor.read_page(editor.path)
    decided = editor.decide(form, "approved", approve=form.publishable)

    assert (saved.status, decided.status) == (303, 303)
    assert 'name="approve"' not in early
    assert "Your version is verified" in page
    received = wait_until(cloud.stack.received_publications, seconds=SECONDS)
    assert received
    detail = received[0]["detail"]
    assert [assignment["name"] for assignment in detail["assignments"]] == ["Named by a teacher"]
    bundle = cloud.stack.client("s3").get_object(
        Bucket=detail["s3"]["bucket"], Key=detail["s3"]["key"]
    )
    (published,) = json.loads(bundle["Body"].read())
    assert published["text"] == "<p>Do it well.</p>"


def test_scenario_38_a_broken_edit_is_not_publishable_until_undone(
    cloud: RunningStack,
) -> None:
    editor = asked(cloud, "python_loops.json", "Broken by a teacher")

    editor.edit(1, solution="def nonsense(:\n")
    broken = editor.verified(1)
    form = editor.read_page(editor.path)
    editor.edit(1, act="undo")
    mended = editor.read_page(editor.path)

    assert "This version cannot be published" in broken
    assert (form.publishable, len(mended.publishable)) == ((), 1)
    assert editor.decide(mended, "approved", approve=mended.publishable).status == 303


def test_scenario_24_an_edit_without_the_code_is_refused(cloud: RunningStack) -> None:
    editor = asked(cloud, "python_loops.json", "Edited by a robot")

    with pytest.raises(ReviewRefused, match="403"):
        editor.edit(1, name="Robotic", code="")

    assert "Robotic" not in editor.page()


def newest_mail(cloud: RunningStack, address: str, title: str, *, than: int = 0) -> Editor:
    """Wait for an email to an address about a lesson and return its recipient."""
    stack = cloud.stack

    def arrived() -> list[str]:
        mails = [
            email for email in stack.mails() if address in email.recipients and title in email.text
        ]
        return [email.text for email in mails][than:]

    (text, *_) = wait_until(arrived, seconds=SECONDS) or [""]
    editor = Editor(text, http_transport(stack.site_url), stack.site_url)
    editor.path = editor.open_link()
    return editor


def test_an_invited_reviewer_decides(cloud: RunningStack) -> None:
    title = "Read by two"
    ada = asked(cloud, "python_loops.json", title)
    form = {"csrf": hidden(ada.page(), "csrf"), "code": ada.code, "address": "bo@example.edu"}

    page = ada.post(f"{ada.path}/reviewers", form)

    bo = newest_mail(cloud, "bo@example.edu", title)
    decided = bo.decide(bo.read_page(bo.path), "rejected")
    found = json.loads(ada.send("GET", f"{ada.path}/audit.json").body)
    assert (page.status, decided.status) == (200, 303)
    assert bo.code != ada.code
    assert [entry["event"] for entry in found["entries"]][-2:] == [
        "reviewer_asked",
        "review_decided",
    ]
    assert found["entries"][-1]["who"] == "bo@example.edu"
    assert "bo@example.edu" in unescape(ada.send("GET", f"{ada.path}/audit").body)


def test_scenario_30_a_locked_reviewer_gets_a_fresh_link(cloud: RunningStack) -> None:
    title = "Read by a guesser"
    ada = asked(cloud, "python_loops.json", title)
    form = ada.read_page(ada.path)
    guess = {**form.hidden, "decision": "rejected", "code": "000000"}
    for _ in range(5):
        with pytest.raises(ReviewRefused, match=r"403|423"):
            ada.post(form.action, guess)
    page = unescape(ada.send("GET", f"{ada.path}/fresh-link").body)

    asked_for = ada.post(f"{ada.path}/fresh-link", {"csrf": hidden(page, "csrf")})

    again = newest_mail(cloud, "ada@example.edu", title, than=1)
    assert asked_for.status == 200
    assert again.code != ada.code
    with pytest.raises(ReviewRefused, match="404"):
        ada.page()
    assert again.decide(again.read_page(again.path), "rejected").status == 303
