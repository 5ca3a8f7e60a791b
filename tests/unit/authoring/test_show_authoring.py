"""The authoring pages describe the state of generations and never write anything."""

import re
from datetime import timedelta

import pytest

from coursewright.domain.generation import GenerationStatus
from coursewright.domain.model_call import Agent
from coursewright.web.responses import Response
from tests.fakes.memory_agents import MemoryDrafts
from tests.fakes.memory_review import MemoryVerifications
from tests.unit.authoring.builders import EXECUTION, MONTH, Author
from tests.unit.review.builders import GENERATION, MODELS, REVIEW, generation

PAGE = f"/authoring/generations/{GENERATION}"


def page(author: Author) -> str:
    return author.look(PAGE, generation=GENERATION).body


def words(html: str) -> str:
    plain = re.sub(r"<(style|script).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", plain).split())


def without_work() -> Author:
    author = Author()
    author.harness.drafts = MemoryDrafts()
    author.harness.verifications = MemoryVerifications()
    return author


def test_the_list_shows_a_generation_with_its_state_and_progress() -> None:
    author = Author()
    author.harness.open()

    shown = words(author.look("/authoring").body)

    assert "Loops in review" in shown
    assert "Python basics · Python · 2 tasks · 2 models" in shown
    assert "Review, round 1: ada@example.edu, due" in shown


def test_a_generation_that_has_ended_is_listed_with_its_end() -> None:
    author = Author()
    author.begin(
        generation(("ada@example.edu",)).model_copy(update={"status": GenerationStatus.REJECTED})
    )

    answer = author.look("/authoring").body

    assert "Loops rejected" in words(answer)
    assert "data-live" not in answer


def test_an_empty_month_is_reported_and_links_to_others() -> None:
    answer = Author().look("/authoring/months/2026-01", month="2026-01").body

    assert "No assignments were generated in January 2026" in answer
    assert "/authoring/months/2025-12" in answer
    assert "/authoring/months/2026-02" in answer


@pytest.mark.parametrize("month", ["2026-13", "2027-01", "now", "../x", "٢٠٢٦-٠١", "2026-1"])
def test_an_invalid_month_shows_the_current_one(month: str) -> None:
    answer = Author().look("/authoring/months/x", month=month).body

    assert "Assignments, November 2026" in answer


def test_the_form_names_the_reason_beside_a_model_that_cannot_be_called() -> None:
    answer = Author().look("/authoring/new").body

    keyless = answer[answer.index("openai:keyless") :]
    assert " disabled>" in keyless[:40]
    assert "unavailable: OTHER_API_KEY is not set" in words(keyless)
    assert "input $1.00, output $4.00 per million tokens" in answer
    assert "price unknown" in answer


def test_the_form_begins_with_the_deployments_choices() -> None:
    answer = Author().look("/authoring/new").body

    assert answer.count(" checked>") == len(MODELS)
    assert 'value="ada@example.edu"' in answer
    assert 'name="ticket" value="ticket-0"' in answer


def test_a_generation_without_work_is_in_its_first_phase() -> None:
    author = without_work()

    shown = words(page(author))

    assert "Prompts built, budget reserved in progress" in shown
    assert "Drafts written pending" in shown


def test_parts_and_costs_are_counted_while_agents_write() -> None:
    author = Author()
    author.pay(Agent.CONDITIONS, MODELS[0], "conditions")
    author.pay(Agent.TESTS, MODELS[0], f"tests:{MODELS[0]}/r1/d1:0")
    author.pay(Agent.TESTS, MODELS[0], f"tests:{MODELS[0]}/r1/d1:1")
    author.pay(Agent.CONDITIONS, MODELS[1], "conditions")

    shown = words(page(author))

    assert "model-a 2 of 2 1 0 2 2 3 6.0 s $0.0090" in shown
    assert "model-b 2 of 2 0 0 2 1 1 2.0 s unknown" in shown
    assert "not counting models whose price is unknown (model-b)" in shown


def test_a_draft_is_listed_with_its_verdict() -> None:
    shown = words(page(Author()))

    assert "The starter code already passes" in shown
    assert "The solution passes 7 tests" in shown


def test_a_later_round_is_shown_after_requested_changes() -> None:
    author = Author()
    author.harness.open()
    cookie = author.harness.enter()
    submission = {"decision": "changes_requested", "approve": [], "notes": "Shorter, please."}
    author.harness.send(cookie, author.harness.form(cookie, **submission))

    shown = words(page(author))

    assert "Models, round 2" in shown
    assert "Review, round 2 pending" in shown


def test_a_decision_is_shown_with_its_reviewer() -> None:
    author = Author()
    author.harness.open()
    cookie = author.harness.enter()
    author.harness.send(cookie, author.harness.form(cookie))

    shown = words(page(author))

    assert "ada@example.edu approved drafts for publication on" in shown
    assert "approved verified" in shown


def test_a_stopped_execution_shows_its_error_and_links_to_the_console() -> None:
    author = without_work()
    author.stop("BudgetExceeded", "The cap <of> the month is $5.")

    answer = page(author)

    assert "estimated cost exceeds the budget" in answer
    assert "The cap &lt;of&gt; the month" in answer
    assert f"#/v2/executions/details/{EXECUTION}" in answer
    assert "Prompts built, budget reserved stopped" in words(answer)
    assert "data-live" not in answer


def test_a_model_that_failed_was_asked_after_all_was_prepared() -> None:
    author = without_work()
    author.stop("ModelUnavailable")

    shown = words(page(author))

    assert "Prompts built, budget reserved done" in shown
    assert "Drafts written stopped" in shown


def test_a_generation_without_its_execution_explains_how_to_continue() -> None:
    author = Author()
    author.begin(
        generation(("ada@example.edu",)).model_copy(update={"status": GenerationStatus.ABANDONED})
    )
    author.executions.known[EXECUTION] = None

    answer = page(author)

    assert "submit the same request again with" in words(answer)
    assert "data-live" not in answer


def test_a_redriven_execution_is_live_again() -> None:
    author = Author()
    author.begin(
        generation(("ada@example.edu",)).model_copy(update={"status": GenerationStatus.STOPPED})
    )

    assert "data-live" in page(author)


def test_an_error_without_a_message_is_still_named() -> None:
    author = Author()
    author.stop("Lambda.Unknown")

    shown = words(page(author))

    assert "Lambda.Unknown" in shown
    assert "stopped with an unexpected error" in shown


def test_on_a_laptop_a_command_stands_in_for_the_console() -> None:
    author = Author()
    author.origin = "http://127.0.0.1:8802"
    author.stop("ModelUnavailable")

    answer = page(author)

    assert f"python -m local redrive {GENERATION}" in answer
    assert "console.aws.amazon.com" not in answer


def test_an_execution_unknown_to_step_functions_is_shown_from_its_records() -> None:
    author = Author()
    author.executions.known[EXECUTION] = None

    assert author.look(PAGE, generation=GENERATION).status == 200


def test_the_page_waits_for_an_unknown_generation() -> None:
    answer = Author().look("/authoring/generations/nobody", generation="<nobody>")

    assert answer.status == 404
    assert "data-live" in answer.body
    assert "<nobody>" not in answer.body


def all_pages() -> list[Response]:
    author = Author()
    author.harness.open()
    paths = ("/authoring", "/authoring/new", "/authoring/months/2026-11")
    looked = [author.look(path) for path in paths]
    looked += [author.look(PAGE, generation=name) for name in (GENERATION, "nobody")]
    return [*looked, author.send(act="estimate"), author.send(models=[]), author.send({})]


def test_every_page_allows_its_own_style_and_script_and_nothing_else() -> None:
    for answer in all_pages():
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert policy.count("'sha256-") == 3
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_no_page_loads_anything_from_another_host() -> None:
    for answer in all_pages():
        html = re.sub(r"<script>.*?</script>", "", answer.body, flags=re.DOTALL)
        found = re.findall(r'(?:src|href|action)="(?!/|#)([^"]+)"', html)
        assert all(link.startswith("https://eu-west-1.console.aws.amazon.com/") for link in found)


def test_showing_pages_writes_nothing() -> None:
    author = Author()
    author.harness.open()
    writes = author.harness.reviews.writes

    page(author)
    author.look("/authoring")
    author.look("/authoring/new")

    assert author.harness.reviews.writes == writes
    assert (author.bus.details, author.lessons.uploads) == ([], {})


def test_only_the_newest_of_a_full_month_are_read() -> None:
    author = Author()
    names = (GENERATION,) * 35
    author.listed.months[MONTH] = names

    answer = author.look("/authoring").body

    assert answer.count("<h2>") == 30
    assert "not shown: 5." in answer


def test_an_expired_review_is_reported_as_such() -> None:
    author = Author()
    author.harness.open()
    author.harness.reviews.expire(REVIEW, now=author.harness.clock.now() + timedelta(days=30))

    assert "No decision was made in time" in words(page(author))
