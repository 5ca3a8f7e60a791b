"""Every page is accessible, small and protected by the same headers."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from coursewright.domain.evidence import Evidence, FindingCode
from coursewright.domain.export import Export, ExportTask, Format
from coursewright.domain.model_call import Agent
from coursewright.verification.rejections import doubt
from coursewright.web.responses import Response
from tests.browser.render import load_response
from tests.unit.authoring.builders import Author
from tests.unit.review.builders import (
    BAD_EVIDENCE,
    GENERATION,
    GOOD_EVIDENCE,
    GRACE,
    MODELS,
    ReviewHarness,
)
from tests.unit.review.doubted import FIRST, QUESTION, REMARK, doubted

pytestmark = pytest.mark.slow

MAX_PAGE_BYTES = 150_000
WIDTHS = (1440, 360)
LONG_DOUBT = doubt(
    FindingCode.SENTENCES_UNTESTED, [f"“{'A sentence of the text. ' * 8}”", "x" * 200]
)


def opened_review() -> tuple[ReviewHarness, str]:
    harness = ReviewHarness().open()
    harness.request()
    return harness, harness.enter()


def edited(*, evidence: Evidence | None = None, **changes: object) -> Response:
    """Return an edited draft's page; the edit is verified if evidence is given."""
    harness, cookie = opened_review()
    form = harness.form(cookie, **({"seen": "0", "name": "A better name"} | changes))
    refused = harness.edit(cookie, form)
    if refused.status != 303:
        return refused
    if evidence is not None:
        harness.verify(evidence)
    return harness.show("GET", {"generation": GENERATION, "round": "1", "place": "1"}, cookie)


def listed(bulk_action: str) -> Response:
    harness, cookie = opened_review()
    return harness.choose(cookie, harness.form(cookie, bulk_action=bulk_action))


def audit() -> Response:
    harness, cookie = opened_review()
    harness.edit(cookie, harness.form(cookie, seen="0", name="A better name"))
    harness.verify()
    harness.send(cookie, harness.form(cookie, code="000000"))
    harness.send(cookie, harness.form(cookie, decision="rejected", notes="No."))
    return harness.audit_page(cookie)


def decided_by_another() -> Response:
    harness, cookie = opened_review()
    other = harness.enter(GRACE)
    harness.send(other, harness.form(other, GRACE))
    return harness.send(cookie, harness.form(cookie, decision="rejected"))


def refused(**changes: object) -> Response:
    harness, cookie = opened_review()
    return harness.send(cookie, harness.form(cookie, **changes))


def locked() -> Response:
    harness, cookie = opened_review()
    answers = [harness.send(cookie, harness.form(cookie, code="x")) for _ in range(6)]
    return answers[-1]


def forged() -> Response:
    harness, cookie = opened_review()
    return harness.send(cookie, harness.form(cookie), headers={"origin": "https://evil.example"})


def expired() -> Response:
    harness, cookie = opened_review()
    harness.clock.advance(days=13)
    return harness.page(cookie)


def new_link_requested() -> Response:
    harness, _cookie = opened_review()
    return harness.ask_again(harness.signed())


def authoring_page(path: str, **parameters: str) -> Response:
    author = Author()
    author.pay(Agent.CONDITIONS, MODELS[0], "conditions")
    return author.look(path, **parameters)


def export_page(*, is_ready: bool) -> Response:
    author = Author()
    now = author.harness.clock.now()
    if is_ready:
        task = ExportTask(names=(GENERATION,), format=Format.MOODLE)
        result = Export(format=Format.MOODLE, finished_at=now, assignments=2, file="moodle.xml")
        author.exports.save(task.export, result)
    return author.look_at_export("moodle", str(int(now.timestamp())))


def stopped() -> Response:
    author = Author()
    author.stop("ModelUnavailable", "The provider does not answer.")
    return author.look(f"/authoring/generations/{GENERATION}", generation=GENERATION)


def with_doubts(*, decided: bool = False) -> Response:
    """Return the page after the form was refused for lack of a confirmation, or the audit."""
    harness = doubted(REMARK, LONG_DOUBT, QUESTION)
    cookie = harness.enter()
    confirmed = {"confirm": [FIRST]} if decided else {}
    answer = harness.send(cookie, harness.form(cookie, approve=[FIRST], **confirmed))
    return harness.audit_page(cookie) if decided else answer


def listed_with_doubts() -> Response:
    harness = doubted(LONG_DOUBT, QUESTION)
    cookie = harness.enter()
    return harness.choose(cookie, harness.form(cookie, approve=[FIRST], bulk_action="selected"))


PAGES: dict[str, Callable[[], Response]] = {
    "review": lambda: (harness := opened_review())[0].page(harness[1]),
    "review, decided": decided_by_another,
    "review, code wrong": lambda: refused(code="000000"),
    "review, nothing marked": lambda: refused(approve=[]),
    "review, doubts not confirmed": with_doubts,
    "review, locked": locked,
    "review, forged": forged,
    "review, expired": expired,
    "edit": lambda: (harness := opened_review())[0].show(
        "GET", {"generation": GENERATION, "round": "1", "place": "1"}, harness[1]
    ),
    "edit, being verified": edited,
    "edit, verified": lambda: edited(evidence=GOOD_EVIDENCE),
    "edit, not verified": lambda: edited(evidence=BAD_EVIDENCE),
    "edit, seen before": lambda: edited(name="", seen="7"),
    "list, all checks passed": lambda: listed("all_checks_passed"),
    "edit, verified with doubts": lambda: edited(
        evidence=GOOD_EVIDENCE.model_copy(update={"doubts": (REMARK, LONG_DOUBT)})
    ),
    "list, best": lambda: listed("best"),
    "list, doubts": listed_with_doubts,
    "audit": audit,
    "audit, doubts confirmed": lambda: with_doubts(decided=True),
    "a bad link": lambda: ReviewHarness().open().click("nonsense"),
    "a new link": new_link_requested,
    "authoring": lambda: authoring_page("/authoring"),
    "authoring, form": lambda: authoring_page("/authoring/new"),
    "authoring, refused": lambda: Author().send(models=[], known_topics="x" * 300),
    "authoring, estimate": lambda: Author().send(act="estimate"),
    "authoring, generation": lambda: authoring_page(
        f"/authoring/generations/{GENERATION}", generation=GENERATION
    ),
    "authoring, stopped": stopped,
    "authoring, export in preparation": lambda: export_page(is_ready=False),
    "authoring, export": lambda: export_page(is_ready=True),
    "authoring, no export": lambda: Author().look_at_export("moodle", ""),
    "authoring, export refused": lambda: Author().export("word"),
    "authoring, unknown": lambda: authoring_page(
        "/authoring/generations/nobody", generation="nobody"
    ),
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text))
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield page
        assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(page: Page, name: str) -> None:
    answer = PAGES[name]()

    for width, scheme in zip(WIDTHS, ("dark", "light"), strict=True):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 900})
        load_response(page, answer)

        found = Axe().run(page).response["violations"]
        assert [(violation["id"], violation["nodes"][0]["html"][:160]) for violation in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(answer.body.encode()) < MAX_PAGE_BYTES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_content_security_policy(name: str) -> None:
    headers = PAGES[name]().headers

    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "max-age" in headers["strict-transport-security"]
