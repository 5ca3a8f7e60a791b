"""Scenarios D: reviewers, link scanners and forgers, on moto's table with a fixed clock."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.audit import DynamoAudit
from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.email import SesMailbox
from coursewright.adapters.links import SignedLinks
from coursewright.adapters.review_tasks import DynamoReviewTasks
from coursewright.adapters.reviews import DynamoReviews
from coursewright.adapters.table import Table
from coursewright.domain.access import MAX_ATTEMPTS, ReviewerAccess
from coursewright.domain.email import Email
from coursewright.domain.errors import MailThrottled, ReviewChanged
from coursewright.domain.evidence import Evidence, Verdict
from coursewright.domain.invitation import Invitation
from coursewright.domain.review import Decision
from coursewright.domain.session import SessionClaims
from coursewright.markup.sanitise import clean_html
from coursewright.pages.assets import content_hash, inline
from coursewright.pages.email import render_invitation
from coursewright.steps.expire_review import ExpireTask, expire_review
from coursewright.steps.publish_assignments import (
    PublishAssignmentsDeps,
    PublishTask,
    publish_assignments,
)
from coursewright.steps.sweep_reviews import sweep_reviews
from tests import aws
from tests.fakes.memory_review import MemoryLinkKeys
from tests.scenarios.actions import approve_all
from tests.unit.review.builders import ADA, GENERATION, GRACE, REVIEW, ReviewHarness
from tests.workflow.conftest import Workflow

FORM = re.compile(r"<form[^>]*method=\"post\"", re.IGNORECASE)


class Engine:
    """A fake of Step Functions that accepts task tokens."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self.woken: list[str] = []
        self.fault = ""

    def send_task_success(self, *, taskToken: str, output: str) -> None:
        """Resume the execution, or raise the error that AWS returns."""
        if self.fault:
            raise ClientError({"Error": {"Code": self.fault}}, "SendTaskSuccess")
        if taskToken not in self.waiting:
            raise ClientError({"Error": {"Code": "TaskTimedOut"}}, "SendTaskSuccess")
        self.waiting.remove(taskToken)
        self.woken.append(taskToken)


class MailboxOnTable(SesMailbox):
    """A mailbox that records sent emails in the table but keeps their content in memory."""

    def __init__(self, table: Table) -> None:
        super().__init__(boto3.client("sesv2"), table, sender="", configuration="")
        self.invitations: list[Invitation] = []
        self.outages: list[Exception] = []

    @property
    def emails(self) -> list[Email]:
        return [render_invitation(invitation) for invitation in self.invitations]

    def send(self, invitation: Invitation) -> None:
        if self.outages:
            raise self.outages.pop()
        self.invitations.append(invitation)


class TableReviewHarness(ReviewHarness):
    """The review harness with the real AWS adapters."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.engine = Engine()
        self.client = boto3.client("dynamodb")
        table = Table(self.client, aws.TABLE, seconds=lambda: self.clock.now().timestamp())
        blobs = BlobStore(TextStore(boto3.client("s3"), aws.BUCKET, "bodies", ".json"))
        self.table, self.blobs = table, blobs
        self.reviews: Any = DynamoReviews(table, blobs)
        self.review_tasks: Any = DynamoReviewTasks(table, self.engine)  # type: ignore[arg-type]
        self.mailbox: Any = MailboxOnTable(table)
        self.audit: Any = DynamoAudit(table)
        self.open()

    def request(self, reminder: int = 0, task_token: str = "token-0") -> int:
        self.engine.waiting.add(task_token)
        self.review_tasks.waiting = self.engine.waiting
        return super().request(reminder, task_token)

    def items(self, *, audit: bool = True) -> list[dict[str, Any]]:
        """Return all table items in a fixed order."""
        found = self.client.scan(TableName=aws.TABLE)["Items"]
        items = [item for item in found if audit or not item["PK"]["S"].startswith("AUDIT#")]
        return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))

    def sweep(self) -> dict[str, int]:
        return sweep_reviews(
            reviews=self.reviews,
            review_tasks=self.review_tasks,
            audit=self.audit,
            clock=self.clock,
        )

    def expire(self) -> None:
        task = ExpireTask(generation=GENERATION, round=1, review=REVIEW)
        expire_review(task, reviews=self.reviews, audit=self.audit, clock=self.clock)


@pytest.fixture
def harness() -> Iterator[TableReviewHarness]:
    with aws.storage():
        table_harness = TableReviewHarness()
        table_harness.request()
        yield table_harness


def test_scenario_23_fifty_visits_of_a_scanner_leave_the_link_usable(
    harness: TableReviewHarness,
) -> None:
    before = harness.items()

    for visit in range(50):
        answer = harness.click(harness.signed(), "HEAD" if visit % 2 else "GET")
        cookie = answer.cookies[0].split(";")[0]
        assert (answer.status, harness.page(cookie).status) == (303, 200)

    assert harness.items() == before
    cookie = harness.enter()
    assert harness.send(cookie, harness.form(cookie)).status == 303
    assert harness.review.decision is Decision.APPROVED


@pytest.mark.parametrize("missing", ["code", "csrf"])
def test_scenario_24_a_scanner_that_submits_the_form_decides_nothing(
    harness: TableReviewHarness, missing: str
) -> None:
    before = harness.items(audit=False)
    cookie = harness.enter()

    answers = []
    for _ in range(10):
        answers.append(harness.send(cookie, harness.form(cookie, **{missing: ""})).status)
        harness.clock.advance(seconds=1)

    assert set(answers) == {403}
    assert harness.items(audit=False) == before
    assert len(harness.events("decision_refused")) == 1
    assert harness.engine.woken == []


def test_scenario_25_a_double_click_is_one_decision(harness: TableReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: harness.send(cookie, form).status, range(2)))

    assert answers == [303, 303]
    assert harness.engine.woken == ["token-0"]
    assert len(harness.events("review_decided")) == 1


def test_scenario_25_a_double_click_publishes_once(workflow: Workflow) -> None:
    workflow.publish(workflow.event())
    reviewer = workflow.reviewer()
    form = reviewer.open()

    for _ in range(2):
        reviewer.decide(form, "approved", approve=form.publishable)

    assert workflow.output()["status"] == "published"
    assert workflow.invocations()["publish_assignments"] == 1
    assert len(workflow.items("MODULE#")) == 1


def test_scenario_26_two_reviewers_disagree_and_the_first_wins(harness: TableReviewHarness) -> None:
    ada, grace = harness.enter(ADA), harness.enter(GRACE)
    grace_form = harness.form(grace, GRACE, decision="rejected")
    harness.clock.advance(minutes=3)
    first = harness.send(ada, harness.form(ada)).status

    second = harness.send(grace, grace_form)

    assert (first, second.status) == (303, 409)
    assert harness.review.decided_by == ADA
    assert ADA in second.body
    assert "19:03 UTC" in second.body
    assert len(harness.events("review_decided")) == 1


def test_scenario_26_at_the_same_moment_exactly_one_wins(harness: TableReviewHarness) -> None:
    ada, grace = harness.enter(ADA), harness.enter(GRACE)
    sent = [
        (ada, harness.form(ada)),
        (grace, harness.form(grace, GRACE, decision="rejected")),
    ]

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(lambda submission: harness.send(*submission).status, sent))

    assert answers == [303, 409]
    assert harness.engine.woken == ["token-0"]
    assert len(harness.events("review_decided")) == 1


def test_scenario_27_a_draft_that_changed_under_the_page_is_not_decided_upon(
    harness: TableReviewHarness,
) -> None:
    cookie = harness.enter()
    form = harness.form(cookie, shown_sha256="0" * 64)

    answer = harness.send(cookie, form)

    assert answer.status == 409
    assert "have changed since you opened this page" in answer.body
    assert harness.review.decision is Decision.PENDING


def test_scenario_28_every_bad_link_gets_the_same_page_and_writes_nothing(
    harness: TableReviewHarness,
) -> None:
    good = harness.signed()
    foreign = SignedLinks(MemoryLinkKeys("somebody else's key")).link(harness.claims())
    unknown = harness.links.link(harness.claims().model_copy(update={"link_salt": "another"}))
    elsewhere = harness.links.link(harness.claims().model_copy(update={"review": "REVIEW#no#1"}))
    stranger = harness.links.link(harness.claims("eve@example.edu"))
    before = harness.items()

    bad = [good[:-1] + ("A" if good[-1] != "A" else "B"), foreign, unknown, elsewhere, stranger, ""]
    answers = [harness.click(item) for item in bad]
    harness.clock.at = harness.review.expires_at
    answers.append(harness.click(good))

    assert {(answer.status, answer.body) for answer in answers} == {
        (answers[0].status, answers[0].body)
    }
    assert all(not answer.cookies for answer in answers)
    assert harness.items() == before


def test_scenario_29_keys_rotate_without_killing_links(harness: TableReviewHarness) -> None:
    old = harness.signed()
    harness.links = SignedLinks(MemoryLinkKeys("first-key", "second-key"))
    new = harness.signed()

    both = [harness.click(link).status for link in (old, new)]
    harness.links = SignedLinks(MemoryLinkKeys("second-key", "third-key"))
    retired, still = harness.click(old), harness.click(new)

    assert both == [303, 303]
    assert old != new
    assert (retired.cookies, still.status) == ((), 303)
    assert retired.status >= 400


def test_scenario_30_five_wrong_codes_lock_the_link(harness: TableReviewHarness) -> None:
    cookie = harness.enter()
    wrong = "000000" if harness.code() != "000000" else "000001"

    answers = [harness.send(cookie, harness.form(cookie, code=wrong)) for _ in range(MAX_ATTEMPTS)]
    right = harness.send(cookie, harness.form(cookie))

    assert "your link is locked: 4." in answers[0].body
    assert harness.review.decision is Decision.PENDING
    assert right.status in (403, 423, 429)
    assert not FORM.search(right.body)
    assert "ReviewLocked" in [event["kind"] for event in harness.events("decision_refused")]


def guess_until_locked(harness: TableReviewHarness, address: str) -> str:
    """Enter wrong codes on a reviewer's link; return the session's cookie."""
    cookie = harness.enter(address)
    wrong = "000000" if harness.code(address) != "000000" else "000001"
    for _ in range(MAX_ATTEMPTS + 1):
        answer = harness.send(cookie, harness.form(cookie, address, code=wrong))
    assert answer.status == 423
    return cookie


def test_scenario_64_a_locked_link_does_not_stop_another_reviewer(
    harness: TableReviewHarness,
) -> None:
    guess_until_locked(harness, ADA)

    graces = harness.enter(GRACE)
    page = harness.page(graces)
    decided = harness.send(graces, harness.form(graces, GRACE))

    assert FORM.search(page.body)
    assert decided.status == 303
    assert (harness.review.decision, harness.review.decided_by) == (Decision.APPROVED, GRACE)


def test_scenario_64_locks_and_fresh_links_of_one_reviewer_change_nothing_for_another(
    harness: TableReviewHarness,
) -> None:
    graces = harness.enter(GRACE)
    form = harness.form(graces, GRACE)
    cookie = guess_until_locked(harness, ADA)

    harness.invite("fresh-link", cookie, {"csrf": harness.links.csrf(cookie.partition("=")[2])})

    assert harness.page(cookie).status == 404
    assert harness.access(GRACE) == ReviewerAccess()
    assert harness.send(graces, form).status == 303


def test_scenario_64_only_five_of_forty_parallel_guesses_are_compared(
    harness: TableReviewHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = harness.enter()
    wrong = "000000" if harness.code() != "000000" else "000001"
    forms = [harness.form(cookie, code=wrong)] * 40
    compared: list[str] = []
    is_code = harness.links.is_code

    def compare(claims: SessionClaims, code: str) -> bool:
        compared.append(code)
        return is_code(claims, code)

    monkeypatch.setattr(harness.links, "is_code", compare)

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda form: harness.send(cookie, form).status, forms))

    assert len(compared) == MAX_ATTEMPTS
    assert answers.count(403) == MAX_ATTEMPTS - 1
    assert answers.count(423) == 40 - answers.count(403)


def test_scenario_31_silence_is_reminded_with_a_new_token_and_the_same_link(
    harness: TableReviewHarness,
) -> None:
    for reminder in (1, 2, 3):
        harness.clock.advance(days=3)
        if harness.clock.now() < harness.review.expires_at:
            harness.request(reminder, f"token-{reminder}")

    links = {
        re.search(r"https://\S+/r/\S+", mail.text)[0]  # type: ignore[index]
        for mail in harness.mailbox.emails
        if mail.recipient == ADA
    }
    token = [item for item in harness.items() if item["PK"]["S"].startswith("TOKEN#")]
    assert len(links) == 1
    assert [item["task_token"]["S"] for item in token] == ["token-3"]

    cookie = harness.enter()
    harness.clock.at = harness.review.expires_at
    harness.expire()
    late = harness.send(cookie, harness.form(cookie))
    assert harness.review.decision is Decision.EXPIRED
    assert "over" in late.body.lower() or "expired" in late.body.lower()
    assert len(harness.events("review_expired")) == 1


def test_scenario_31_silence_to_the_end_closes_the_generation(workflow: Workflow) -> None:
    workflow.redefine(workflow.definition.replace("$number('60')", "$number('1')"))
    workflow.publish(workflow.event())

    assert workflow.output()["status"] == "expired"
    assert len(workflow.mails()) == 2
    assert workflow.items("MODULE#") == []


@pytest.mark.parametrize("first", ["decision", "expiry"])
def test_scenario_32_a_race_of_decision_and_expiry_has_one_end(
    harness: TableReviewHarness, first: str
) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)

    acts = [lambda: harness.send(cookie, form), harness.expire]
    for act in acts if first == "decision" else reversed(acts):
        act()

    ends = [entry["event"] for entry in harness.audit.entries(GENERATION)]
    expected = Decision.APPROVED if first == "decision" else Decision.EXPIRED
    assert harness.review.decision is expected
    assert ends.count("review_decided") + ends.count("review_expired") == 1


def test_scenario_32_at_the_same_moment_exactly_one_of_them_holds(
    harness: TableReviewHarness,
) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)

    with ThreadPoolExecutor(2) as both:
        both.submit(harness.expire)
        both.submit(harness.send, cookie, form)

    ends = [entry["event"] for entry in harness.audit.entries(GENERATION)]
    assert ends.count("review_decided") + ends.count("review_expired") == 1


def test_scenario_33_a_decision_without_a_valid_token_is_found_by_the_execution(
    harness: TableReviewHarness,
) -> None:
    harness.engine.waiting.clear()
    cookie = harness.enter()
    recorded = harness.send(cookie, harness.form(cookie)).status

    harness.request(0, "token-after-redrive")
    harness.sweep()

    assert recorded == 303
    assert harness.engine.woken == ["token-after-redrive"]
    assert len(harness.mailbox.emails) == 2


@pytest.mark.parametrize("fault", ["ThrottlingException", "InternalServerError"])
def test_scenario_34_a_failed_task_result_is_delivered_once_by_the_sweeper(
    harness: TableReviewHarness, fault: str
) -> None:
    harness.engine.fault = fault
    cookie = harness.enter()
    answer = harness.send(cookie, harness.form(cookie))
    page = harness.page(cookie)
    down = harness.sweep()["delivered"]
    harness.engine.fault = ""

    delivered = [harness.sweep()["delivered"] for _ in range(3)]

    assert (answer.status, page.status) == (303, 200)
    assert "approved drafts for publication" in page.body
    assert (down, delivered) == (0, [1, 0, 0])
    assert harness.engine.woken == ["token-0"]


def test_scenario_35_a_throttled_email_is_retried_and_never_sent_twice(
    harness: TableReviewHarness,
) -> None:
    plain, seen = harness.mailbox.send, SimpleNamespace(tries=0)

    def throttled(mail: Any) -> None:
        seen.tries += 1
        if seen.tries == 2:
            raise MailThrottled("slow down")
        plain(mail)

    harness.mailbox.invitations.clear()
    harness.mailbox.send = throttled
    with pytest.raises(MailThrottled):
        harness.request(1, "token-1")
    assert harness.review.decision is Decision.PENDING
    harness.request(1, "token-2")

    assert sorted(mail.recipient for mail in harness.mailbox.emails) == [ADA, GRACE]


def test_scenario_36_a_third_request_for_changes_ends_after_three_audited_rounds(
    workflow: Workflow,
) -> None:
    workflow.publish(workflow.event())

    for number in (1, 2, 3):
        reviewer = workflow.reviewer(mails=number)
        reviewer.decide(reviewer.open(), "changes_requested", notes=f"Again, {number}.")

    assert workflow.output()["status"] == "rejected"
    audited = [item["entry"]["S"] for item in workflow.items("AUDIT#")]
    decided = [entry for entry in audited if "review_decided" in entry]
    assert len(decided) == 3
    assert all(any(f'#{number}"' in review for review in decided) for number in (1, 2, 3))
    assert workflow.invocations()["open_review"] == 3


class Markup(HTMLParser):
    """A parsed page: its tags, link targets and frames."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.sandboxes: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        names = ("href", "src", "action", "formaction", "content")
        self.addresses += [given[name] or "" for name in names if name in given]
        if tag == "iframe":
            self.sandboxes.append(given.get("sandbox", "missing"))
            frame = Markup(given.get("srcdoc") or "")
            self.tags |= frame.tags
            self.addresses += frame.addresses


HOSTILE = (
    "<script>alert(1)</script>",
    "<p onclick='alert(1)'>click</p>",
    "<a href='javascript:alert(1)'>a link</a>",
    "<img src='https://tracker.example/pixel.gif'>",
    "<style>@import url(https://tracker.example/a.css);</style>",
    "<form action='https://tracker.example'><input name=code></form>",
    "<base href='https://tracker.example/'>",
    "<iframe src='https://tracker.example'></iframe>",
    "<svg onload=alert(1)><script>1</script></svg>",
    "<meta http-equiv=refresh content='0;url=https://tracker.example'>",
    "<link rel=stylesheet href=//tracker.example/a.css>",
    "<p style='background:url(https://tracker.example/b)'>styled</p>",
)
ACTIVE = re.compile(
    r"<(script|iframe|object|embed|base|meta|link|style|form|img|svg)\b|\son\w+=|javascript:|url\(",
    re.IGNORECASE,
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_scenario_37_hostile_html_is_inert(hostile: str) -> None:
    cleaned = clean_html(f"<p>Write it.</p>{hostile}")

    assert not ACTIVE.search(cleaned)
    assert "tracker.example" not in cleaned
    assert "<p>Write it.</p>" in cleaned


def test_scenario_37_a_page_of_hostile_drafts_makes_no_requests() -> None:
    with aws.storage():
        harness = TableReviewHarness(text="".join(HOSTILE))
        harness.request()
        page = harness.page(harness.enter())

    policy = page.headers["content-security-policy"]
    seen = Markup(page.body.replace(f"<script>{inline('review.js')}</script>", ""))
    assert page.status == 200
    assert policy.startswith("default-src 'none'")
    assert re.search(f"script-src '{re.escape(content_hash('review.js'))}';", policy)
    assert not seen.tags & {"script", "img", "base", "link", "object", "embed"}
    assert not [
        address for address in seen.addresses if "tracker" in address or "javascript" in address
    ]
    assert set(seen.sandboxes) <= {None, ""}


def test_scenario_38_an_unverified_draft_cannot_be_approved(harness: TableReviewHarness) -> None:
    cookie = harness.enter()
    unverified = [draft.draft for draft in harness.review.drafts if not draft.verified]

    answer = harness.send(cookie, harness.form(cookie, approve=unverified))

    assert len(unverified) == 1
    assert answer.status == 422 or answer.status == 400
    assert harness.review.decision is Decision.PENDING


def test_scenario_38_what_changed_after_the_decision_is_not_published(
    harness: TableReviewHarness,
) -> None:
    cookie = harness.enter()
    harness.send(cookie, harness.form(cookie))
    evidence = harness.verifications.of_round(GENERATION, 1)[0]
    again = evidence.model_copy(
        update={"attempt": 1, "evidence": Evidence(verdict=Verdict.REJECTED)}
    )
    harness.verifications.save(GENERATION, again)
    deps = PublishAssignmentsDeps(
        generations=harness.generations,
        drafts=harness.drafts,
        verifications=harness.verifications,
        reviews=harness.reviews,
        assignments=DynamoAssignments(harness.table, harness.blobs, boto3.client("s3"), aws.BUCKET),
        audit=harness.audit,
        clock=harness.clock,
    )

    with pytest.raises(ReviewChanged):
        publish_assignments(PublishTask(generation=GENERATION, round=1, review=REVIEW), deps=deps)

    assert harness.events("published") == []
    assert not [item for item in harness.items() if item["PK"]["S"].startswith("MODULE#")]


def test_scenario_44_an_item_past_its_ttl_counts_as_gone(harness: TableReviewHarness) -> None:
    (token,) = [item for item in harness.items() if item["PK"]["S"].startswith("TOKEN#")]
    ends = int(token["expires_at"]["N"])
    late = Table(harness.client, aws.TABLE, seconds=lambda: ends + 0.5)
    early = Table(harness.client, aws.TABLE, seconds=lambda: ends - 1.0)
    place = (token["PK"]["S"], token["SK"]["S"])

    assert early.get(*place) is not None
    assert late.get(*place) is None
    assert (len(list(early.query(place[0]))), list(late.query(place[0]))) == (1, [])
    assert late.put({"PK": place[0], "SK": place[1], "task_token": "new"})
    assert not early.put({"PK": place[0], "SK": place[1], "task_token": "newer"})


def test_scenario_25_the_first_link_decides_the_review(workflow: Workflow) -> None:
    workflow.publish(workflow.event())

    reviewer = approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert "approved drafts for publication" in reviewer.send("GET", reviewer.open_link()).body
