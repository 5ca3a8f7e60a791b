"""Tests the authoring pages in a browser: keyboard, phone, live updates and accessibility."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local import demo
from local.running_stack import RunningStack
from tests.browser.conftest import save_full_page, save_screenshot

pytestmark = pytest.mark.slow

MODEL = "openai:practice-quick"
MAX_PAGE_BYTES = 150_000
LOOKS = [("wide", 1280, "light"), ("phone", 390, "light"), ("dark", 1280, "dark")]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, cloud: RunningStack) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(30_000)
    foreign: list[str] = []
    broken: list[str] = []

    def note(url: str) -> None:
        if not url.startswith(cloud.stack.authoring_url):
            foreign.append(url)

    page.on("request", lambda request: note(request.url))
    page.on("console", lambda message: broken.append(message.text))
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    assert foreign == []
    assert [error for error in broken if "404" not in error and "422" not in error] == []


def fill(page: Page, cloud: RunningStack, title: str, *, lesson: str = "") -> None:
    page.goto(f"{cloud.stack.authoring_url}/authoring/new")
    texts = {"Course title": "Python basics", "Course ID": "python-basics"}
    for label, text in (texts | {"Module title": title, "Module ID": "loops"}).items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Number of tasks").fill("2")
    for box in page.locator("input[name=models]:enabled").all():
        box.set_checked(box.get_attribute("value") == MODEL)
    page.locator("#lesson").fill(lesson)


def loops() -> str:
    html: str = demo.sample_event("python_loops.json")["detail"]["module"]["html"]
    return html


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()


def test_progress_of_an_uploaded_lesson_appears_without_a_reload(
    page: Page, cloud: RunningStack, tmp_path: Path
) -> None:
    file = tmp_path / "loops.html"
    file.write_text(loops(), encoding="utf-8")
    fill(page, cloud, "Loops from a file")
    page.locator("#lesson_file").set_input_files(file)

    start(page)

    expect(page.locator("h1")).to_have_text("Loops from a file", timeout=30_000)
    page.evaluate("window.sameDocument = true")
    expect(page.locator("main")).to_contain_text("in review", timeout=60_000)
    expect(page.locator("svg.plot, .league")).not_to_have_count(0)
    assert page.evaluate("window.sameDocument") is True
    save_full_page(page, "authoring-generation")
    save_screenshot(page, "authoring")
    page.goto(f"{cloud.stack.authoring_url}/authoring")
    expect(page.get_by_role("link", name="Loops from a file")).to_be_visible()
    save_full_page(page, "authoring-list")


def test_enter_in_a_field_estimates_and_preserves_a_chosen_file(
    page: Page, cloud: RunningStack, tmp_path: Path
) -> None:
    file = tmp_path / "loops.html"
    file.write_text(loops(), encoding="utf-8")
    fill(page, cloud, "Loops by keyboard")
    page.locator("#lesson_file").set_input_files(file)
    before = len(cloud.stack.executions())

    page.get_by_label("Module title").press("Enter")

    expect(page.locator("#estimate")).to_contain_text("practice-quick")
    expect(page.locator("#lesson")).to_have_value(re.compile("<h1>Loops</h1>"))
    assert len(cloud.stack.executions()) == before


def test_the_form_works_without_script(browser: Browser, cloud: RunningStack) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        fill(page, cloud, "Loops without script", lesson=loops())

        start(page)

        assert re.search(r"/authoring/generations/[0-9a-f]{16}$", page.url)


@pytest.mark.parametrize(("look", "width", "scheme"), LOOKS)
def test_the_authoring_pages_are_accessible(
    page: Page, cloud: RunningStack, look: str, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    generations = cloud.stack.executions()
    newest = generations[0]["name"][-16:] if generations else "nobody"
    for name, path in (
        ("list", "/authoring"),
        ("form", "/authoring/new"),
        ("generation", f"/authoring/generations/{newest}"),
        ("not-started", "/authoring/generations/nobody"),
    ):
        page.goto(cloud.stack.authoring_url + path)
        save_full_page(page, f"authoring-{name}-{look}")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

        assert Axe().run(page).response["violations"] == []
        assert page.evaluate(overflow) <= 0
        assert len(page.content().encode()) < MAX_PAGE_BYTES


def test_a_refused_form_and_an_estimate_are_accessible(page: Page, cloud: RunningStack) -> None:
    fill(page, cloud, "Loops", lesson=loops())
    page.locator(f"input[name=models][value='{MODEL}']").uncheck()
    start(page)

    expect(page.get_by_role("alert")).to_contain_text("Select at least one model")
    assert Axe().run(page).response["violations"] == []

    page.locator(f"input[name=models][value='{MODEL}']").check()
    page.get_by_role("button", name="Estimate the cost").click()
    expect(page.locator("#estimate")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    save_full_page(page, "authoring-estimate")


PAYLOADS = [
    "<script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed = 1">',
    "</textarea><svg onload=window.harmed=1>",
    "{{ 7 * 7 }}${7*7}<%= 7 %>",
    "javascript:window.harmed=1",
    "'; window.harmed = 1; //",
    "\u202egnirts\u202c 😀 \u0000",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_typed_stays_text(page: Page, cloud: RunningStack, payload: str) -> None:
    fill(page, cloud, payload.replace("\u0000", ""), lesson=payload.replace("\u0000", ""))
    page.get_by_label("Known topics").fill(payload.replace("\u0000", ""))
    page.locator("#lesson_place").fill(payload.replace("\u0000", ""))

    start(page)

    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate("window.harmed === undefined")
    assert page.locator("main img, main svg, main script").count() == 0
