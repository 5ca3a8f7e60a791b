"""Fixtures for tests of the laptop cloud in a real browser (Chromium with Playwright)."""

import io
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
from rich.console import Console

from local import demo, demo_flow
from local.console import DemoConsole
from local.demo_flow import StartedGeneration
from local.mailbox import SentEmail
from local.reviewer import CODE, LINK
from local.running_stack import RunningStack, running_stack
from local.stack import ROOT
from tests.browser.png_palette import reduce_colours
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
FULL_PAGES = ROOT / "build" / "screens"
SCREENSHOTS = ROOT / "tests" / "browser" / "screenshots"  # README shows them
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
        message = "Chromium is missing: apt-get install chromium, or set CHROMIUM to its path."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def monitored(browser: Browser, cloud: RunningStack) -> Iterator["MonitoredContext"]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        monitored = MonitoredContext(context, cloud)
        yield monitored
        assert monitored.external_requests == []
        assert monitored.missing_headers == []


class MonitoredContext:
    """A browser context that records external requests and missing security headers."""

    def __init__(self, context: BrowserContext, cloud: RunningStack) -> None:
        self.context = context
        self.external_requests: list[str] = []
        self.missing_headers: list[str] = []
        self.requests: list[str] = []
        self._site = cloud.stack.site_url
        context.on("request", self._note)
        context.on("response", self._check_headers)

    def open(self, mail: SentEmail) -> Page:
        """Open the emailed link."""
        page = self.context.new_page()
        link = LINK.search(mail.text)
        assert link is not None
        page.goto(link[0])
        return page

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((self._site, "about:", "data:")):
            self.external_requests.append(request.url)

    def _check_headers(self, response: Response) -> None:
        headers = response.headers
        if not response.url.startswith(self._site):
            return
        bare = [name for name, start in HEADERS.items() if start not in headers.get(name, "")]
        if "frame-ancestors 'none'" not in headers.get("content-security-policy", ""):
            bare.append("frame-ancestors")
        self.missing_headers += [f"{response.status} {response.url}: {name}" for name in bare]


def code_in(mail: SentEmail) -> str:
    """Return the six-digit code in an email."""
    found = CODE.search(LINK.sub("", mail.text))
    assert found is not None
    return found[1] + found[2]


def save_full_page(page: Page, name: str) -> Path:
    """Save a screenshot of the full page."""
    FULL_PAGES.mkdir(parents=True, exist_ok=True)
    path = FULL_PAGES / f"{name}.png"
    before = page.viewport_size
    assert before is not None
    height = page.evaluate("document.documentElement.scrollHeight")
    # Frames are painted only when in view.
    page.set_viewport_size({"width": before["width"], "height": height})
    page.wait_for_timeout(200)
    page.screenshot(path=path)
    page.set_viewport_size(before)
    return path


def save_screenshot(page: Page, name: str, at: str = "body") -> None:
    """Save a README screenshot that starts at an element, if SCREENSHOTS is set."""
    if not os.environ.get("SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(exist_ok=True)
    page.evaluate(
        """at => { document.documentElement.style.scrollBehavior = "auto";
        document.querySelector(at).scrollIntoView({ block: "start" }); }""",
        at,
    )
    page.wait_for_timeout(500)
    (SCREENSHOTS / f"{name}.png").write_bytes(reduce_colours(page.screenshot()))


class PublishedLesson:
    """A lesson published for a test, with its generation."""

    def __init__(self, cloud: RunningStack, event: dict[str, Any]) -> None:
        self.cloud = cloud
        self.console = DemoConsole(Console(file=io.StringIO(), width=120))
        self.first = len(cloud.stack.mails())
        self.started: StartedGeneration = demo_flow.publish(cloud.stack, event, self.console)

    def mail(self, number: int = 1) -> SentEmail:
        """Wait for the n-th email about this lesson and return it."""
        found = demo_flow.follow(
            self.cloud.stack, self.started, self.console, mails_before=self.first + number - 1
        )
        assert isinstance(found, SentEmail), found
        return found

    def final_status(self) -> str:
        """Wait for the generation to end and return its status."""
        mails = len(self.cloud.stack.mails())
        end = demo_flow.follow(self.cloud.stack, self.started, self.console, mails_before=mails)
        assert not isinstance(end, SentEmail)
        return str(end.output.get("status"))


Publish = Callable[..., PublishedLesson]


@pytest.fixture
def publish(cloud: RunningStack, request: pytest.FixtureRequest) -> Publish:
    """Return a function that publishes the loops lesson for one test."""

    def publish(
        *, reviewers: tuple[str, ...] = ("ada@example.edu",), **brief: Any
    ) -> PublishedLesson:
        event = demo.sample_event("python_loops.json")
        event["detail"] |= {"request_id": request.node.name, "reviewers": list(reviewers)}
        event["detail"]["brief"] |= {
            "tasks_count": 2,
            "models": ["openai:practice-quick", "openai:practice-careful"],
        } | brief
        return PublishedLesson(cloud, event)

    return publish


@pytest.fixture(scope="package")
def pending_email(cloud: RunningStack) -> SentEmail:
    """Return the email about a review that remains undecided."""
    event = demo.sample_event("python_loops.json")
    event["detail"]["brief"] |= {"tasks_count": 2}
    return PublishedLesson(cloud, event).mail()


@pytest.fixture
def hostile_exercises(cloud: RunningStack) -> Iterator[ExerciseServer]:
    """Register a model whose exercises contain hostile text."""
    with ExerciseServer() as book:
        registry = demo.registry_text(["openai:any"], book.url)
        cloud.register_models(registry)
        yield book
