"""Performs actions of reviewers and operators by invoking functions outside the workflow."""

import base64
import gzip
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from local.reviewer import Form, HttpReply, Reviewer, ReviewRefused
from tests.workflow.conftest import SITE, Workflow, api_event

COLLEAGUE = "grace@example.edu"
OWN_FORM = {
    "content-type": "application/x-www-form-urlencoded",
    "origin": SITE,
    "sec-fetch-site": "same-origin",
}


class Browser(Reviewer):
    """A reviewer who accepts compressed responses, like a browser, and opens every page."""

    def __init__(self, mail_text: str) -> None:
        super().__init__(mail_text, _over_functions, SITE)

    def open(self) -> Form:
        """Open the emailed link and read the page."""
        self.path = self.open_link()
        return self.read_page(self.path)

    def edit(self, form: Form, place: int, **changes: str) -> HttpReply:
        """Edit a draft through the form on its page."""
        return self._post(f"/drafts/{place}", form, seen="0", **changes)

    def mistype(self, form: Form, **fields: str) -> None:
        """Submit a decision with a wrong code, so that the form is shown again."""
        with suppress(ReviewRefused):
            self._post("/decision", form, code="000000", decision="rejected", **fields)

    def invite(self, form: Form, address: str = COLLEAGUE) -> HttpReply:
        """Invite a colleague to the review."""
        return self._post("/reviewers", form, address=address)

    def _post(self, place: str, form: Form, **fields: str) -> HttpReply:
        sent = {**form.hidden, "code": self.code, **fields}
        return self.send("POST", self.path + place, OWN_FORM, urlencode(sent))


def browser(workflow: Workflow, *, mails: int = 1, seconds: float = 60) -> Browser:
    """Wait for the n-th email and return the reviewer who received it."""
    return Browser(workflow.reviewer(mails=mails, seconds=seconds).mail_text)


def erase_everything(event: dict[str, Any]) -> None:
    """Erase the reviewer and the course, including running generations."""
    from tests.workflow import moto_engine

    (reviewer, *_), course = event["detail"]["reviewers"], event["detail"]["course"]["id"]
    asked = {"also_running": True}
    moto_engine.run_function("erase_reviewer", asked | {"reviewer": reviewer})
    moto_engine.run_function("erase_course", asked | {"course": course})


def function_of(method: str, path: str) -> str:
    """Return the function behind a route of the review site."""
    if method != "POST":
        return "show_review"
    if path.endswith("/reviewers"):
        return "invite_reviewer"
    return "edit_draft" if "/drafts/" in path else "decide_review"


def _over_functions(method: str, path: str, headers: Any, body: str) -> HttpReply:
    from tests.workflow import moto_engine

    event = api_event(method, path, dict(headers) | {"accept-encoding": "gzip"}, body)
    before, is_of_draft, place = path.partition("/drafts/")
    if is_of_draft:
        event["pathParameters"]["place"] = place
    answer = moto_engine.run_function(function_of(method, before + is_of_draft), event)
    found = {name.lower(): value for name, value in answer["headers"].items()}
    text = answer["body"]
    if answer["isBase64Encoded"]:
        text = gzip.decompress(base64.b64decode(text)).decode()
    return HttpReply(answer["statusCode"], found, tuple(answer.get("cookies", ())), text)
