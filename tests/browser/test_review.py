"""What reviewers, and those who are none, can do in a real browser."""

import copy
import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from local.mailbox import SentEmail
from tests.browser.conftest import Publish, Visitor, code_of, picture, screen
from tests.fakes.exercise_server import EXERCISES, ExerciseServer

# A mail is shown inside of somebody's program, which has the landmarks.
NO_PAGE = ("landmark-one-main", "region", "page-has-heading-one")


def no_violation(page: Page, *, but: tuple[str, ...] = ()) -> None:
    found = [one for one in Axe().run(page).response["violations"] if one["id"] not in but]
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []


def decide(page: Page, mail: SentEmail, decision: str, *, notes: str = "") -> None:
    page.locator(f"input[name=decision][value={decision}]").check()
    page.locator("#notes").fill(notes)
    page.locator("#code").fill(code_of(mail))
    page.get_by_role("button", name="Send decision").click()


def approve(page: Page, how_many: int) -> None:
    boxes = page.locator("input[name=approve]")
    for number in range(how_many):
        boxes.nth(number).check()


def edit(page: Page, mail: SentEmail, place: int, **parts: str) -> None:
    page.locator(f"#d{place} .edit-open").click()
    for name, text in parts.items():
        page.locator(f"[name={name}]").fill(text)
    if page.locator("#code").count():
        page.locator("#code").fill(code_of(mail))
    page.get_by_role("button", name="Save and verify").click()


@pytest.mark.slow
@pytest.mark.timeout(300)  # two rounds and an edit
def test_a_review_from_the_mail_to_the_publication(publish: Publish, visitor: Visitor) -> None:
    lesson = publish()
    first = lesson.mail()
    page = visitor.open(first)
    page.locator("#d2 input[name=approve]").check()
    page.locator("#d3 input[name=reject]").check()
    page.locator("#d3-reason").fill("Nobody counts like this.")

    edit(page, first, 1, name="Edited by a teacher")
    expect(page.locator("main")).to_contain_text("Your version is verified", timeout=30_000)
    no_violation(page)
    picture(page, "edit")
    page.locator("main").get_by_role("link", name="Back to the review").first.click()
    expect(page.locator("#d1 h3")).to_have_text("Edited by a teacher")
    expect(page.locator("#d2 input[name=approve]")).to_be_checked()
    expect(page.locator("#d3-reason")).to_have_value("Nobody counts like this.")
    page.locator("#d1 input[name=approve]").check()
    decide(page, first, "changes_requested", notes="Shorter texts, please.")
    expect(page.locator("[name=decision]")).to_have_count(0)

    second = lesson.mail(2)
    page = visitor.open(second)
    expect(page.locator("#d1")).to_contain_text("Changes since round 1")
    expect(page.locator("main")).to_contain_text("Shorter texts, please.")
    approve(page, 2)
    page.get_by_role("button", name="The drafts I approved").click()
    expect(page.locator("input[name=approve]:checked")).to_have_count(2)
    no_violation(page)
    picture(page, "publish")
    page.locator("#code").fill(code_of(second))
    page.get_by_role("button", name="Publish these drafts").click()

    expect(page.locator("main")).to_contain_text("The decision has been recorded")
    screen(page, "review-decided")
    assert lesson.ended_as() == "published"


@pytest.mark.parametrize("width", [600, 320])
def test_the_mail_is_open_to_everybody_and_loads_nothing(
    waiting: SentEmail, visitor: Visitor, width: int
) -> None:
    page = visitor.context.new_page()
    page.set_viewport_size({"width": width, "height": 900})

    page.set_content(waiting.html)

    no_violation(page, but=NO_PAGE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.requests == []
    if width == 600:
        picture(page, "mail")


def test_the_second_of_two_reviewers_is_told_who_was_first(
    publish: Publish, visitor: Visitor
) -> None:
    lesson = publish(reviewers=("ada@example.edu", "bo@example.edu"))
    adas, bos = lesson.mail(1), lesson.mail(2)
    bos_page = visitor.open(bos)
    adas_page = visitor.open(adas)
    decide(adas_page, adas, "rejected")

    approve(bos_page, 1)
    decide(bos_page, bos, "approved")

    first = adas.recipients[0]
    expect(bos_page.locator("body")).to_contain_text(first)
    assert lesson.ended_as() == "rejected"


@pytest.mark.slow
def test_a_scanner_that_opens_runs_and_submits_decides_nothing(
    waiting: SentEmail, visitor: Visitor
) -> None:
    for _ in range(5):
        page = visitor.open(waiting)
        page.evaluate("document.querySelectorAll('form').forEach(form => form.submit())")
        page.wait_for_load_state()

    buttons = "#d1 button, .batch button, .decision button, .on-enter"
    for number in range(visitor.open(waiting).locator(buttons).count()):
        page = visitor.open(waiting)
        button = page.locator(buttons).nth(number)
        button.evaluate("one => { one.form.noValidate = true; one.click(); }")
        page.wait_for_load_state()

    page = visitor.open(waiting)
    expect(page.get_by_role("button", name="Send decision").last).to_be_visible()


def test_a_wrong_code_keeps_what_was_entered(publish: Publish, visitor: Visitor) -> None:
    lesson = publish(models=["openai:practice-quick"])
    mail = lesson.mail()
    page = visitor.open(mail)
    approve(page, 1)
    page.locator("input[name=decision][value=approved]").check()
    page.locator("#notes").fill("Kept?")
    page.locator("#code").fill("000000" if code_of(mail) != "000000" else "111111")
    page.get_by_role("button", name="Send decision").click()

    expect(page.locator("#notes")).to_have_value("Kept?")
    expect(page.locator("input[name=approve]").first).to_be_checked()
    screen(page, "review-wrong-code")
    decide(page, mail, "rejected")
    assert lesson.ended_as() == "rejected"


HOSTILE = (
    "<script>window.top.canary = 1</script>",
    '<img src=x onerror="window.top.canary = 1">',
    '<a href="javascript:window.top.canary = 1">click</a>',
    "<svg onload=\"window.top.canary = 1\"><style>@import 'http://127.0.0.1:1/x'</style></svg>",
    '<form action="http://127.0.0.1:1/steal"><input name=code></form><base href="http://127.0.0.1:1/">',
    '<img src="http://127.0.0.1:1/pixel.png"><iframe src="javascript:top.canary=1"></iframe>',
    '</iframe><script>canary = 1</script><iframe srcdoc="<script>top.canary=1</script>">',
    '"><script>canary = 1</script>',
)


@pytest.mark.slow
def test_hostile_texts_stay_inert(
    publish: Publish,
    visitor: Visitor,
    hostile_book: ExerciseServer,
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

    page = visitor.open(mail)
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_timeout(300)

    assert page.evaluate("window.canary") is None
    assert "<script" not in mail.html
    screen(page, "review-hostile")


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("wide", 1440, "light"), ("phone", 390, "light"), ("dark", 1440, "dark")],
)
def test_the_review_page_is_accessible_and_light(
    waiting: SentEmail, visitor: Visitor, name: str, width: int, scheme: str
) -> None:
    page = visitor.open(waiting)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})

    no_violation(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    loaded = [url for url in visitor.requests if url.startswith("http")]
    assert len(loaded) == 2, "the link, and the page to which it leads"
    screen(page, f"review-{name}")
    picture(page, f"review-{name}", at="#task-1" if name == "phone" else "body")
    if name == "wide":
        picture(page, "league", at="#league")


def test_a_tampered_link_gets_the_plain_page(visitor: Visitor, waiting: SentEmail) -> None:
    forged = waiting.text.replace("/r/", "/r/x")
    page = visitor.open(replace(waiting, text=forged))

    no_violation(page)
    expect(page.locator("[name=decision]")).to_have_count(0)
    assert re.search("email", page.inner_text("body"))
    screen(page, "plain")
