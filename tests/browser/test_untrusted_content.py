"""Tests in a real browser that untrusted content cannot execute, load or send anything."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import Browser, Page

from coursewright.domain.assignment import Dataset, Draft, DraftHint
from coursewright.domain.brief import Kind
from coursewright.domain.certificate import NearDuplicate, build_certificate
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import (
    MAX_MESSAGE_CHARS,
    Difference,
    Evidence,
    Failure,
    Finding,
    FindingCode,
    Mutants,
)
from coursewright.domain.invitation import Invitation
from coursewright.domain.problems import ProblemCode
from coursewright.domain.requirement import Requirement, RequirementCoverage
from coursewright.domain.review import Decision, RejectedDraft, ReviewSubmission
from coursewright.domain.verification import Disagreement
from coursewright.pages.edit_form import form_fields
from coursewright.pages.email import render_invitation
from coursewright.pages.view_models import (
    ConfirmPage,
    EditPage,
    Problem,
    ReviewPage,
    ReviewSubpage,
)
from coursewright.web.responses import Response
from coursewright.web.review_responses import review_response, subpage_response
from tests.browser.payloads import PAYLOADS
from tests.browser.render import SITE, load_response
from tests.unit.authoring.builders import Author
from tests.unit.review.builders import (
    ADA,
    BAD_EVIDENCE,
    GENERATION,
    MODELS,
    START,
    ReviewHarness,
    draft,
    generation,
    league_row,
    solution_of,
    verification,
)
from tests.unit.review.builders import tests_of as written_tests

ALLOWED_URLS = ("about:", "data:,", SITE)
FIND_SCRIPT_ATTRIBUTES = """() => [...document.querySelectorAll("*")]
    .flatMap(element => [...element.attributes])
    .filter(({ name, value }) => name.startsWith("on")
        || /^(href|src|action|formaction|data)$/.test(name) && /^\\W*javascript:/i.test(value))
    .map(({ ownerElement, name, value }) => `${ownerElement.tagName} ${name}=${value}`)"""
OPEN_ALL_DETAILS = "document.querySelectorAll('details').forEach(details => details.open = true)"
JOINED = "".join(PAYLOADS)


class PageMonitor:
    """A page that records everything untrusted content must not do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("dialog", lambda dialog: self.problems.append(f"dialog {dialog.message}"))
        page.on("console", lambda message: self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith(ALLOWED_URLS):
            self.problems.append(url)

    def assert_harmless(self, *, scripts: int) -> None:
        """Check that nothing harmful has happened on the page so far."""
        assert self.problems == []
        assert self.page.evaluate("window.harmed") is None
        assert self.page.evaluate(FIND_SCRIPT_ATTRIBUTES) == []
        assert self.page.locator("script").count() == scripts
        assert self.page.locator("img, object, embed, base, link").count() == 0


@pytest.fixture
def monitor(browser: Browser) -> Iterator[PageMonitor]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield PageMonitor(context.new_page())


def hostile_draft(number: int, words: str, kind: Kind) -> Draft:
    written = draft(MODELS[0], number, words)
    return written.model_copy(
        update={
            "kind": kind,
            "name": words,
            "code": words,
            "schema_sql": words,
            "file_name": words,
            "concepts": (words,),
            "authorship": written.authorship.model_copy(update={"prompt_set": words}),
        }
    )


def hostile_evidence(words: str) -> Evidence:
    params = {"construct": words, "dialect": words, "alternative": words, "error": words}
    finding = Finding(code=FindingCode.OTHER_DIALECT, params=params, where=(words,))
    unmet = Requirement(test=words, quote=words)
    return BAD_EVIDENCE.model_copy(
        update={
            "reasons": (finding,),
            "doubts": (finding,),
            "mutants": Mutants(total=2, killed=1, survivors=(f"@@ {words}\n-{words}\n+{words}",)),
            "failures": (Failure(test=words, message=words[:MAX_MESSAGE_CHARS]),),
            "requirements": RequirementCoverage(
                given=2, not_found=(unmet,), sentences_without=(words,)
            ),
        }
    )


def hostile_draft_evidence(number: int, words: str, kind: Kind) -> DraftEvidence:
    hostile = hostile_draft(number, words, kind)
    rows = ((words, None),)
    data = Dataset(name=words, seed_sql=words, expected_columns=(words, "n"), expected_rows=rows)
    tests = written_tests(hostile, words, (data,) if kind is Kind.SQL else ())
    requirements = (
        Requirement(test=words, quote=words),
        Requirement(test=f"{words}()", quote=words[:9]),
    )
    found = verification(hostile, good=False).model_copy(
        update={"evidence": hostile_evidence(words)}
    )
    near_duplicate = NearDuplicate(of=words, name=words, similarity=99)
    certificate = build_certificate(hostile.draft, found, near_duplicate=near_duplicate)
    disagreement = Disagreement(
        solver=words, difference=Difference(input=words, result=words, own_result=words)
    )
    update = {"disagreements": (disagreement,), "disagreeing": (words,)}
    solution = solution_of(hostile).model_copy(update={"code": words, "explanation": words})
    hint = DraftHint(draft=hostile.draft, hint=words, authorship=hostile.authorship)
    return DraftEvidence(
        draft=hostile,
        tests=tests.model_copy(update={"requirements": requirements}),
        solution=solution,
        verification=found,
        certificate=certificate.model_copy(update=update),
        hint=hint,
    )


def hostile_page(kind: Kind) -> ReviewPage:
    """Return a page with a payload in every draft and in every other field."""
    review = ReviewHarness().open().review
    request = generation((ADA,)).request
    drafts = tuple(hostile_draft_evidence(at, words, kind) for at, words in enumerate(PAYLOADS, 1))
    calm = {"name": "a", "text": "a", "code": "a"}
    row = league_row(MODELS[0])
    return ReviewPage(
        review=review.model_copy(update={"notes": JOINED, "decided_by": JOINED}),
        request=request.model_copy(
            update={
                "course": request.course.model_copy(update={"title": JOINED}),
                "module": request.module.model_copy(update={"title": JOINED}),
            }
        ),
        drafts=drafts,
        league=tuple(row.model_copy(update={"model": x, "prompt_set": x}) for x in PAYLOADS),
        reviewer=JOINED,
        csrf=JOINED,
        shown_sha256=JOINED,
        earlier_notes=JOINED,
        closed_reason="",
        lesson=JOINED,
        before=tuple(
            candidate.model_copy(update={"draft": candidate.draft.model_copy(update=calm)})
            for candidate in drafts
        ),
        problem=Problem(
            name="DecisionInvalid",
            code=ProblemCode.MODEL_UNAVAILABLE,
            params={"model": JOINED},
        ),
        submission=ReviewSubmission(
            notes=JOINED,
            rejected=tuple(
                RejectedDraft(draft=candidate.draft.draft, reason=candidate.draft.name)
                for candidate in drafts
            ),
        ),
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_a_review_full_of_payloads_stays_inert_even_without_security_headers(
    monitor: PageMonitor, kind: Kind
) -> None:
    load_response(monitor.page, review_response(hostile_page(kind)), with_policy=False)

    monitor.page.evaluate(OPEN_ALL_DETAILS)
    monitor.page.wait_for_timeout(200)

    monitor.assert_harmless(scripts=1)
    assert monitor.page.locator("article").count() == len(PAYLOADS)


def test_a_decided_review_full_of_payloads_stays_inert(monitor: PageMonitor) -> None:
    page = hostile_page(Kind.PYTHON)
    decided = {"decision": Decision.REJECTED, "decided_at": START}
    review = page.review.model_copy(update=decided)

    load_response(
        monitor.page, review_response(page.model_copy(update={"review": review})), with_policy=False
    )

    monitor.assert_harmless(scripts=1)


def test_texts_stay_inert_even_outside_their_sandbox(monitor: PageMonitor) -> None:
    body = review_response(hostile_page(Kind.PYTHON)).body
    frames = [unescape(frame) for frame in re.findall(r'srcdoc="([^"]*)"', body)]
    texts = [re.search("<body>(.*)</body>", frame, re.DOTALL) for frame in frames]
    whole = "<hr>".join(text[1] for text in texts if text)

    load_response(monitor.page, Response(status=200, headers={}, body=whole), with_policy=False)

    monitor.assert_harmless(scripts=0)
    assert monitor.page.locator("hr").count() == len(PAYLOADS)


def test_an_edit_and_a_list_for_publication_stay_inert(monitor: PageMonitor) -> None:
    whole = hostile_page(Kind.SQL)
    own = {name: getattr(whole, name) for name in ReviewSubpage.model_fields}
    hostile = hostile_draft_evidence(1, JOINED, Kind.SQL)
    fields = dict.fromkeys(form_fields(hostile.parts), JOINED)
    places = {"place": 1, "seen": 0, "is_signed_in": False, "is_waiting": False}
    edit = EditPage(**own, **places, draft=hostile, shown_sha256=JOINED, fields=fields)
    confirm = ConfirmPage(**own, drafts=whole.drafts, others=0, shown_sha256=JOINED)

    for page in (edit, confirm):
        load_response(monitor.page, subpage_response(page), with_policy=False)
        monitor.page.evaluate(OPEN_ALL_DETAILS)
        monitor.assert_harmless(scripts=0)


def test_an_email_stays_inert_whatever_the_lesson_and_drafts_are_called(
    monitor: PageMonitor,
) -> None:
    page = hostile_page(Kind.PYTHON)
    invitation = Invitation(
        recipient=ADA,
        review=page.review,
        request=page.request,
        drafts=page.drafts,
        league=page.league,
        public_url=SITE,
        signed_link="a-link",
        code="123456",
        reminder=1,
    )
    mail = render_invitation(invitation)

    load_response(monitor.page, Response(status=200, headers={}, body=mail.html), with_policy=False)

    monitor.assert_harmless(scripts=0)
    assert monitor.page.locator("a").count() == 1


def test_a_page_of_ours_breaks_none_of_its_own_rules(monitor: PageMonitor) -> None:
    load_response(monitor.page, review_response(hostile_page(Kind.SQL)))

    monitor.assert_harmless(scripts=1)


def test_the_authoring_pages_show_what_was_typed_as_text(monitor: PageMonitor) -> None:
    author = Author()
    fields = ("course_id", "course_title", "module_title", "known_topics", "reviewers")
    refused = author.send(**dict.fromkeys(fields, JOINED), lesson=JOINED, language=JOINED)
    author.begin(generation((ADA,), module=JOINED))
    author.stop(JOINED, JOINED)
    generation_page = author.look(f"/authoring/generations/{GENERATION}", generation=GENERATION)

    for answer in (refused, author.look("/authoring"), generation_page):
        load_response(monitor.page, answer, with_policy=False)
        monitor.assert_harmless(scripts=1)
