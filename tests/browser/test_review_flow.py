"""Tests in a real browser what reviewers and outsiders can do."""

import copy
import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from local.mailbox import SentEmail
from tests.browser.conftest import (
    MonitoredContext,
    Publish,
    code_in,
    save_full_page,
    save_screenshot,
)
from tests.fakes.exercise_server import EXERCISES, ExerciseServer

# An email is displayed inside an email client, which provides the landmarks.
LANDMARK_RULES = ("landmark-one-main", "region", "page-has-heading-one")


def assert_accessible(page: Page, *, ignore: tuple[str, ...] = ()) -> None:
    found = [
        violation
        for violation in Axe().run(page).response["violations"]
        if violation["id"] not in ignore
    ]
    assert [(violation["id"], violation["nodes"][0]["html"][:120]) for violation in found] == []


def decide(page: Page, mail: SentEmail, decision: str, *, notes: str = "") -> None:
    page.locator(f"input[name=decision][value={decision}]").check()
    page.locator("#notes").fill(notes)
    page.locator("#code").fill(code_in(mail))
    page.get_by_role("button", name="Submit decision").click()


def approve(page: Page, how_many: int) -> None:
    boxes = page.locator("input[name=approve]")
    for number in range(how_many):
        boxes.nth(number).check()


def edit(page: Page, mail: SentEmail, place: int, **parts: str) -> None:
    page.locator(f"#d{place} .edit-open").click()
    for name, text in parts.items():
        page.locator(f"[name={name}]").fill(text)
    if page.locator("#code").count():
        page.locator("#code").fill(code_in(mail))
    page.get_by_role("button", name="Save and verify").click()


@pytest.mark.slow
@pytest.mark.timeout(300)  # two rounds and an edit
def test_a_review_from_the_mail_to_the_publication(
    publish: Publish, monitored: MonitoredContext
) -> None:
    lesson = publish()
    first = lesson.mail()
    page = monitored.open(first)
    page.locator("#d2 input[name=approve]").check()
    page.locator("#d3 input[name=reject]").check()
    page.locator("#d3-reason").fill("Nobody counts like this.")

    edit(page, first, 1, name="Edited by a teacher")
    expect(page.locator("main")).to_contain_text("Your version is verified", timeout=30_000)
    assert_accessible(page)
    save_screenshot(page, "edit")
    page.locator("main").get_by_role("link", name="Back to the review").first.click()
    expect(page.locator("#d1 h3")).to_have_text("Edited by a teacher")
    expect(page.locator("#d2 input[name=approve]")).to_be_checked()
    expect(page.locator("#d3-reason")).to_have_value("Nobody counts like this.")
    page.locator("#d1 input[name=approve]").check()
    decide(page, first, "changes_requested", notes="Shorter texts, please.")
    expect(page.locator("[name=decision]")).to_have_count(0)

    second = lesson.mail(2)
    page = monitored.open(second)
    expect(page.locator("#d1")).to_contain_text("Changes since round 1")
    expect(page.locator("main")).to_contain_text("Shorter texts, please.")
    approve(page, 2)
    page.get_by_role("button", name="The drafts I approved").click()
    expect(page.locator("input[name=approve]:checked")).to_have_count(2)
    assert_accessible(page)
    save_screenshot(page, "publish")
    page.locator("#code").fill(code_in(second))
    page.get_by_role("button", name="Publish these drafts").click()

    expect(page.locator("main")).to_contain_text("The decision has been recorded")
    save_full_page(page, "review-decided")
    assert lesson.final_status() == "published"


@pytest.mark.parametrize("width", [600, 320])
def test_the_email_is_accessible_and_loads_nothing(
    pending_email: SentEmail, monitored: MonitoredContext, width: int
) -> None:
    page = monitored.context.new_page()
    page.set_viewport_size({"width": width, "height": 900})

    page.set_content(pending_email.html)

    assert_accessible(page, ignore=LANDMARK_RULES)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert monitored.requests == []
    if width == 600:
        save_screenshot(page, "mail")


def test_the_second_of_two_reviewers_sees_who_decided_first(
    publish: Publish, monitored: MonitoredContext
) -> None:
    lesson = publish(reviewers=("ada@example.edu", "bo@example.edu"))
    adas, bos = lesson.mail(1), lesson.mail(2)
    bos_page = monitored.open(bos)
    adas_page = monitored.open(adas)
    decide(adas_page, adas, "rejected")

    approve(bos_page, 1)
    decide(bos_page, bos, "approved")

    first = adas.recipients[0]
    expect(bos_page.locator("body")).to_contain_text(first)
    assert lesson.final_status() == "rejected"


@pytest.mark.slow
def test_a_scanner_that_opens_runs_and_submits_decides_nothing(
    pending_email: SentEmail, monitored: MonitoredContext
) -> None:
    for _ in range(5):
        page = monitored.open(pending_email)
        page.evaluate("document.querySelectorAll('form').forEach(form => form.submit())")
        page.wait_for_load_state()

    buttons = "#d1 button, .batch button, .decision button, .on-enter"
    for number in range(monitored.open(pending_email).locator(buttons).count()):
        page = monitored.open(pending_email)
        button = page.locator(buttons).nth(number)
        button.evaluate("button => { button.form.noValidate = true; button.click(); }")
        page.wait_for_load_state()

    page = monitored.open(pending_email)
    expect(page.get_by_role("button", name="Submit decision").last).to_be_visible()


def test_a_wrong_code_preserves_the_form(publish: Publish, monitored: MonitoredContext) -> None:
    lesson = publish(models=["openai:practice-quick"])
    mail = lesson.mail()
    page = monitored.open(mail)
    approve(page, 1)
    page.locator("input[name=decision][value=approved]").check()
    page.locator("#notes").fill("Kept?")
    page.locator("#code").fill("000000" if code_in(mail) != "000000" else "111111")
    page.get_by_role("button", name="Submit decision").click()

    expect(page.locator("#notes")).to_have_value("Kept?")
    expect(page.locator("input[name=approve]").first).to_be_checked()
    save_full_page(page, "review-wrong-code")
    decide(page, mail, "rejected")
    assert lesson.final_status() == "rejected"


HOSTILE = (
    "<script>window.top.harmed = 1</script>",
    '<img src=x onerror="window.top.harmed = 1">',
    '<a href="javascript:window.top.harmed = 1">click</a>',
    "<svg onload=\"window.top.harmed = 1\"><style>@import 'http://127.0.0.1:1/x'</style></svg>",
    '<form action="http://127.0.0.1:1/steal"><input name=code></form><base href="http://127.0.0.1:1/">',
    '<img src="http://127.0.0.1:1/pixel.png"><iframe src="javascript:top.harmed=1"></iframe>',
    '</iframe><script>harmed = 1</script><iframe srcdoc="<script>top.harmed=1</script>">',
    '"><script>harmed = 1</script>',
)


@pytest.mark.slow
def test_hostile_texts_stay_inert(
    publish: Publish,
    monitored: MonitoredContext,
    hostile_exercises: ExerciseServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exercises = []
    for number, (draft, tests, solution) in enumerate(copy.deepcopy(EXERCISES)):
        draft["text"] = f"{draft['text']}{''.join(HOSTILE)}"
        draft["name"] = f"{number} {HOSTILE[0]} {HOSTILE[-1]}"[:200]
        draft["code"] = f"# {HOSTILE[0]} {HOSTILE[-1]}\n{draft['code']}"
        draft["concepts"] = [HOSTILE[1]]
        exercises.append((draft, tests, solution))
    monkeypatch.setattr("tests.fakes.exercise_server.EXERCISES", tuple(exercises))
    lesson = publish(models=["openai:any"])
    mail = lesson.mail()

    page = monitored.open(mail)
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_timeout(300)

    assert page.evaluate("window.harmed") is None
    assert "<script" not in mail.html
    save_full_page(page, "review-hostile")


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("wide", 1440, "light"), ("phone", 390, "light"), ("dark", 1440, "dark")],
)
def test_the_review_page_is_accessible_and_light(
    pending_email: SentEmail, monitored: MonitoredContext, name: str, width: int, scheme: str
) -> None:
    page = monitored.open(pending_email)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})

    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    loaded = [url for url in monitored.requests if url.startswith("http")]
    assert len(loaded) == 2, "the link, and the page to which it leads"
    save_full_page(page, f"review-{name}")
    save_screenshot(page, f"review-{name}", at="#task-1" if name == "phone" else "body")
    if name == "wide":
        save_screenshot(page, "league", at="#league")


def test_a_tampered_link_gets_the_plain_page(
    monitored: MonitoredContext, pending_email: SentEmail
) -> None:
    forged = pending_email.text.replace("/r/", "/r/x")
    page = monitored.open(replace(pending_email, text=forged))

    assert_accessible(page)
    expect(page.locator("[name=decision]")).to_have_count(0)
    assert re.search("email", page.inner_text("body"))
    save_full_page(page, "plain")
