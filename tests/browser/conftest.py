"""A real browser in front of the laptop cloud: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
    sync_playwright,
)

from local import demo, demo_flow
from local.console import DemoConsole, quiet_console
from local.demo_flow import StartedGeneration
from local.mailbox import SentEmail
from local.reviewer import CODE, LINK
from local.running_stack import RunningStack, running_stack
from local.stack import ROOT
from tests.browser.pictures import smaller
from tests.fakes.exercise_server import ExerciseServer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENS = ROOT / "build" / "screens"
PICTURES = ROOT / "tests" / "browser" / "screenshots"  # README shows them
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=",
    "content-security-policy": "default-src 'none'",
}


@pytest.fixture(scope="package")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud:
        yield cloud


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        words = "Chromium is missing: apt-get install chromium, or set CHROMIUM to its path."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser, cloud: RunningStack) -> Iterator["Visitor"]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        visitor = Visitor(context, cloud)
        yield visitor
        assert visitor.foreign == []
        assert visitor.bare == []


class Visitor:
    """One person with a browser, who notes what leaves the site and what comes unprotected."""

    def __init__(self, context: BrowserContext, cloud: RunningStack) -> None:
        self.context = context
        self.foreign: list[str] = []
        self.bare: list[str] = []
        self.requests: list[str] = []
        self._site = cloud.stack.site_url
        context.on("request", self._note)
        context.on("response", self._look)

    def open(self, mail: SentEmail) -> Page:
        """Open the mailed link."""
        page = self.context.new_page()
        link = LINK.search(mail.text)
        assert link is not None
        page.goto(link[0])
        return page

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((self._site, "about:", "data:")):
            self.foreign.append(request.url)

    def _look(self, response: Response) -> None:
        headers = response.headers
        if not response.url.startswith(self._site):
            return
        bare = [name for name, start in HEADERS.items() if start not in headers.get(name, "")]
        if "frame-ancestors 'none'" not in headers.get("content-security-policy", ""):
            bare.append("frame-ancestors")
        self.bare += [f"{response.status} {response.url}: {name}" for name in bare]


def code_of(mail: SentEmail) -> str:
    """Return the six digits of a mail."""
    found = CODE.search(LINK.sub("", mail.text))
    assert found is not None
    return found[1] + found[2]


def screen(page: Page, name: str) -> Path:
    """Keep a picture of the whole page."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    before = page.viewport_size
    assert before is not None
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": before["width"], "height": height})  # frames paint in view
    page.wait_for_timeout(200)
    page.screenshot(path=path)
    page.set_viewport_size(before)
    return path


def picture(page: Page, name: str, at: str = "body") -> None:
    """Keep what is seen from an element on for the README, if SCREENSHOTS asks for pictures."""
    if not os.environ.get("SCREENSHOTS"):
        return
    PICTURES.mkdir(exist_ok=True)
    page.evaluate(
        """at => { document.documentElement.style.scrollBehavior = "auto";
        document.querySelector(at).scrollIntoView({ block: "start" }); }""",
        at,
    )
    page.wait_for_timeout(500)
    (PICTURES / f"{name}.png").write_bytes(smaller(page.screenshot()))


class Lesson:
    """A generation that waits for its reviewers."""

    def __init__(self, cloud: RunningStack, event: dict[str, Any]) -> None:
        self.cloud = cloud
        self.console = DemoConsole(quiet_console())
        self.first = len(cloud.stack.mails())
        self.started: StartedGeneration = demo_flow.publish(cloud.stack, event, self.console)

    def mail(self, number: int = 1) -> SentEmail:
        """Wait for the n-th mail of this lesson."""
        found = demo_flow.follow(
            self.cloud.stack, self.started, self.console, mails_before=self.first + number - 1
        )
        assert isinstance(found, SentEmail), found
        return found

    def ended_as(self) -> str:
        """Wait for the end and give the generation's status."""
        mails = len(self.cloud.stack.mails())
        end = demo_flow.follow(self.cloud.stack, self.started, self.console, mails_before=mails)
        assert not isinstance(end, SentEmail)
        return str(end.output.get("status"))


Publish = Callable[..., Lesson]


@pytest.fixture
def publish(cloud: RunningStack, request: pytest.FixtureRequest) -> Publish:
    """Publish the loops lesson for a test of its own."""

    def publish(*, reviewers: tuple[str, ...] = ("ada@example.edu",), **brief: Any) -> Lesson:
        event = demo.sample_event("python_loops.json")
        event["detail"] |= {"request_id": request.node.name, "reviewers": list(reviewers)}
        event["detail"]["brief"] |= {
            "tasks_count": 2,
            "models": ["openai:practice-quick", "openai:practice-careful"],
        } | brief
        return Lesson(cloud, event)

    return publish


@pytest.fixture(scope="package")
def waiting(cloud: RunningStack) -> SentEmail:
    """Return the mail of a lesson that nobody decides."""
    event = demo.sample_event("python_loops.json")
    event["detail"]["brief"] |= {"tasks_count": 2}
    return Lesson(cloud, event).mail()


@pytest.fixture
def hostile_book(cloud: RunningStack) -> Iterator[ExerciseServer]:
    """Register a model whose exercises carry hostile texts."""
    with ExerciseServer() as book:
        registry = demo.registry_text(["openai:any"], book.url)
        cloud.register_models(registry)
        yield book
