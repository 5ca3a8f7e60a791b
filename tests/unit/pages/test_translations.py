"""Pages and emails are fully translated into every supported language."""

import re
from html import unescape

import pytest

from coursewright.domain.invitation import Invitation
from coursewright.domain.model_call import Unavailability, UnavailabilityCode
from coursewright.domain.problems import ProblemCode
from coursewright.markup.availability_text import unavailability_text
from coursewright.markup.i18n import SUPPORTED_LANGUAGES, _, use_language
from coursewright.pages.email import InvitationText
from coursewright.pages.problems import problem_detail
from coursewright.web.http import parse_request
from coursewright.web.review_responses import FreshLinkRequested, respond
from coursewright.web.show_review import show_review
from local import messages
from tests.fakes.memory_agents import MemoryGenerations
from tests.unit.authoring.builders import Author
from tests.unit.review.builders import (
    ADA,
    GENERATION,
    ReviewHarness,
    generation,
    http_event,
)

TRANSLATED = messages.translated()
MIN_PHRASE_CHARS = 12  # shorter phrases may also occur in a lesson or a model's text
HIDDEN = re.compile(r"<(style|script|iframe|pre|code)\b.*?</\1>", re.DOTALL)


def story_in(language: str, *, module: str = "Loops") -> ReviewHarness:
    harness = ReviewHarness()
    known = generation((ADA,), module=module)
    brief = known.request.brief.model_copy(update={"language": language})
    request = known.request.model_copy(update={"brief": brief})
    harness.generations = MemoryGenerations(known.model_copy(update={"request": request}))
    return harness.open()


def seen(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", HIDDEN.sub(" ", html))).split())


def english_left(text: str, language: str) -> list[str]:
    """Return the English messages in a text that should have been translated."""
    known = [
        message.id
        for message in messages.stored(language)
        if isinstance(message.id, str)
        and len(message.id) >= MIN_PHRASE_CHARS
        and message.string != message.id
    ]
    visible_text = " ".join(text.split())
    return [
        message
        for message in known
        if "%(" not in message and "<" not in message and message in visible_text
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_review_page_is_in_the_language_of_the_brief(language: str) -> None:
    harness = story_in(language)

    page = harness.page(harness.enter()).body

    assert f'<html lang="{language}">' in page
    assert english_left(seen(page), language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_refusal_is_in_the_language_of_the_brief(language: str) -> None:
    harness = story_in(language)
    cookie = harness.enter()

    refusals = [
        harness.send(cookie, harness.form(cookie, code="000000")).body,
        harness.send(cookie, harness.form(cookie, code="")).body,
        harness.send(cookie, harness.form(cookie, approve=[])).body,
        harness.send(cookie, harness.form(cookie, decision="changes_requested")).body,
        harness.send(cookie, harness.form(cookie, shown_sha256="other")).body,
        harness.send(cookie, harness.form(cookie)).body,
        harness.page(cookie).body,
    ]

    assert [english_left(seen(page), language) for page in refusals] == [[]] * len(refusals)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_other_page_of_a_review_is_in_the_language_of_the_brief(language: str) -> None:
    harness = story_in(language)
    harness.request()
    cookie = harness.enter()
    drafts = [draft.draft for draft in harness.review.drafts]
    csrf = harness.links.csrf(cookie.partition("=")[2])
    session: dict[str, object] = {"csrf": csrf, "code": harness.code()}
    place = {"generation": GENERATION, "round": "1", "place": "1"}

    pages = [
        harness.choose(cookie, session | {"edit": "1", "approve": drafts[:1]}).body,
        harness.choose(cookie, session | {"bulk_action": "selected", "approve": drafts[:1]}).body,
        harness.choose(cookie, session | {"bulk_action": "all_checks_passed"}).body,
        harness.edit(cookie, session | {"seen": "0", "name": ""}).body,
        harness.edit(cookie, session | {"seen": "0", "name": "Anders"}).body,
        harness.show("GET", place, cookie).body,
        harness.invite("reviewers", cookie, session | {"address": "nobody"}).body,
        harness.invite("reviewers", cookie, session | {"address": "eve@example.edu"}).body,
        harness.audit_page(cookie).body,
    ]
    harness.verify()
    pages += [harness.show("GET", place, cookie).body, harness.audit_page(cookie).body]

    assert [english_left(seen(page), language) for page in pages] == [[]] * len(pages)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("reminder", [0, 1])
def test_an_email_is_in_the_language_of_the_brief(language: str, reminder: int) -> None:
    harness = story_in(language)

    harness.request(reminder=reminder)
    mail = harness.mail()

    assert f'<html lang="{language}">' in mail.html
    assert english_left(seen(mail.html), language) == []
    assert english_left(mail.text, language) == []
    assert english_left(mail.subject, language) == []


def test_a_russian_email_is_entirely_in_russian() -> None:
    harness = story_in("ru", module="Циклы")

    harness.request()
    harness.request(reminder=1)
    first, reminder = harness.mailbox.emails

    assert first.subject == "Проверка: Циклы (Python basics), 4 черновика, до 4 дек."
    assert reminder.subject.startswith("Напоминание: Циклы")
    assert "Срок решения: пт, 4 дек. 2026 г., 19:00 UTC" in first.text
    assert f"понадобится при отправке решения): {harness.code()}" in first.text
    assert reminder.stop_subject.startswith("Отключить напоминания: ")


def test_other_languages_get_english_pages_with_the_language_of_texts_declared() -> None:
    harness = story_in("fr")

    page = harness.page(harness.enter()).body
    harness.request()

    assert '<html lang="en">' in page
    assert "lang=&#34;fr&#34;" in page
    assert "Model comparison" in page
    assert harness.mail().subject.startswith("Review: Loops")


@pytest.mark.parametrize("language", SUPPORTED_LANGUAGES)
@pytest.mark.parametrize("title", ["100 % %(module)s %s %%", "{detail} {0}", "%(course)s"])
def test_placeholder_syntax_in_a_title_is_plain_text(language: str, title: str) -> None:
    harness = story_in(language, module=title)

    harness.request()
    page = harness.page(harness.enter()).body

    assert title in unescape(page)
    assert title in harness.mail().subject
    assert title in harness.mail().text


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_subject_separates_the_title_from_the_course(language: str) -> None:
    harness = story_in(language)
    invitation = Invitation(
        review=harness.review,
        request=harness.generations.get(harness.review.generation).request,
        drafts=(),
        league=(),
        recipient=ADA,
        public_url="https://review.example.edu",
        signed_link="",
        code="",
    )

    with use_language(language):
        assert "Loops (Python basics)" in InvitationText(invitation).subject


@pytest.mark.parametrize(
    ("accepted", "language"), [("de-DE,de;q=0.9", "de"), ("ru", "ru"), ("", "en"), ("fr", "en")]
)
def test_pages_without_a_review_are_in_the_language_of_the_browser(
    accepted: str, language: str
) -> None:
    harness = ReviewHarness().open()
    event = http_event("GET", {"link": "nonsense"}, "")
    event["headers"] |= {"accept-language": accepted}

    request = parse_request(event, public_url=harness.site)

    answer = respond(request, lambda: show_review(request, deps=harness.review_deps()))

    assert answer.status == 404
    with use_language(language):
        assert _("This link does not open a review") in answer.body
    assert f'<html lang="{language}">' in answer.body


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_request_for_a_fresh_link_is_answered_in_the_language_of_the_browser(
    language: str,
) -> None:
    event = http_event("POST", {"link": "nonsense"}, "")
    event["headers"] |= {"accept-language": language}

    page = respond(parse_request(event, public_url=""), FreshLinkRequested).body

    assert f'<html lang="{language}">' in page
    assert english_left(seen(page), language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_authoring_pages_are_in_the_language_of_the_browser(language: str) -> None:
    author = Author()
    author.harness.open()
    requested = str(int(author.harness.clock.now().timestamp()))

    author.accept_language = language

    pages = [
        author.look("/authoring").body,
        author.look("/authoring/new").body,
        author.look("/authoring/months/2026-01", month="2026-01").body,
        author.look(f"/authoring/generations/{GENERATION}", generation=GENERATION).body,
        author.look("/authoring/generations/0123456789abcdef", generation="0123456789abcdef").body,
        author.look_at_export("moodle", requested).body,
        author.look_at_export("moodle", "").body,
    ]

    assert all(f'<html lang="{language}">' in page for page in pages)
    assert [english_left(seen(page), language) for page in pages] == [[]] * len(pages)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("code", ProblemCode)
def test_every_problem_of_a_form_is_phrased_in_every_language(
    language: str, code: ProblemCode
) -> None:
    params: dict[str, str | int] = {
        "attempts": 3,
        "limit": 60_000,
        "model": "openai:m",
        "drafts": 1,
        "address": "ada@example.edu",
    }

    english = problem_detail(code, params)
    with use_language(language):
        translated = problem_detail(code, params)

    assert english != translated


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("code", UnavailabilityCode)
def test_every_reason_against_a_model_is_phrased_in_every_language(
    language: str, code: UnavailabilityCode
) -> None:
    params = {"package": "p", "parameter": "WithP", "address": "a", "name": "KEY", "host": "h"}
    reason = Unavailability(code=code, params=params)

    english = unavailability_text(reason)
    with use_language(language):
        translated = unavailability_text(reason)

    assert english != translated
