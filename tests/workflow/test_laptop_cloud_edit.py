"""A reviewer's edits over HTTP on the laptop cloud, under the deployed roles."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from local import demo
from local.laptop import RunningLaptop, running, wait_until
from local.patches.role_policies import enforced
from local.reviewer import Answer, Reviewer, ReviewRefused, over_http

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningLaptop]:
    with running(latency_factor=0) as cloud, enforced():
        yield cloud


@dataclass
class Editor(Reviewer):
    """A reviewer who changes drafts of the review at `path`."""

    path: str = ""

    def page(self) -> str:
        """Give the page of the review."""
        return unescape(self.send("GET", self.path).body)

    def edit(self, place: int, **changes: str) -> Answer:
        """Open a draft's own page and send its form."""
        page = unescape(self.send("GET", f"{self.path}/drafts/{place}").body)
        form = {"csrf": hidden(page, "csrf"), "seen": hidden(page, "seen"), "code": self.code}
        return self.post(f"{self.path}/drafts/{place}", form | changes)

    def post(self, path: str, form: dict[str, Any]) -> Answer:
        """Send a form as a browser does."""
        return self.send("POST", path, FORM | {"origin": self.origin}, urlencode(form, doseq=True))

    def verified(self, place: int) -> str:
        """Wait for the sandbox and give the page of a draft."""

        def answered() -> str:
            page = unescape(self.send("GET", f"{self.path}/drafts/{place}").body)
            return "" if "Being verified" in page else page

        return wait_until(answered, seconds=30) or ""


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def asked(cloud: RunningLaptop, lesson: str, title: str) -> Editor:
    event = demo.sample_event(lesson)
    event["detail"]["module"] |= {"title": title}
    event["detail"]["brief"] |= {"tasks_count": 1, "models": ["openai:practice-quick"]}
    event["detail"]["request_id"] = title
    cloud.laptop.publish(event)
    laptop = cloud.laptop
    mails = wait_until(lambda: [one for one in laptop.mails() if title in one.text], seconds=60)
    assert mails
    editor = Editor(mails[0].text, over_http(laptop.site_url), laptop.site_url)
    editor.path = editor.open_link()
    return editor


@pytest.mark.parametrize("lesson", ["python_loops.json", "sql_joins.json"])
def test_scenario_38_an_edit_is_verified_and_published(cloud: RunningLaptop, lesson: str) -> None:
    editor = asked(cloud, lesson, f"Edited {lesson}")

    saved = editor.edit(1, name="Named by a teacher", text="<p>Do it well.</p>")
    early = editor.page()
    page = editor.verified(1)
    form = editor.read_page(editor.path)
    decided = editor.decide(form, "approved", approve=form.publishable)

    assert (saved.status, decided.status) == (303, 303)
    assert 'name="approve"' not in early
    assert "Your version is verified" in page
    received = wait_until(cloud.laptop.received_publications, seconds=30)
    assert received
    detail = received[0]["detail"]
    assert [one["name"] for one in detail["assignments"]] == ["Named by a teacher"]
    bundle = cloud.laptop.client("s3").get_object(
        Bucket=detail["s3"]["bucket"], Key=detail["s3"]["key"]
    )
    (published,) = json.loads(bundle["Body"].read())
    assert published["text"] == "<p>Do it well.</p>"


def test_scenario_38_a_broken_edit_is_not_publishable_until_it_is_taken_back(
    cloud: RunningLaptop,
) -> None:
    editor = asked(cloud, "python_loops.json", "Broken by a teacher")

    editor.edit(1, solution="def nonsense(:\n")
    broken = editor.verified(1)
    form = editor.read_page(editor.path)
    editor.edit(1, act="take_back")
    mended = editor.read_page(editor.path)

    assert "This version cannot be published" in broken
    assert (form.publishable, len(mended.publishable)) == ((), 1)
    assert editor.decide(mended, "approved", approve=mended.publishable).status == 303


def test_scenario_24_an_edit_without_the_code_is_refused(cloud: RunningLaptop) -> None:
    editor = asked(cloud, "python_loops.json", "Edited by a robot")

    with pytest.raises(ReviewRefused, match="403"):
        editor.edit(1, name="Robotic", code="")

    assert "Robotic" not in editor.page()
