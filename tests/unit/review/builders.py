"""Builds a review in memory with two models, two tasks and one unverified draft."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from coursewright.adapters.links import SignedLinks
from coursewright.domain.access import ReviewerAccess
from coursewright.domain.allowed_html import removed_markup
from coursewright.domain.assignment import (
    Authorship,
    Dataset,
    Draft,
    DraftSolution,
    DraftTests,
    draft_id,
)
from coursewright.domain.brief import Audience, Brief, Kind
from coursewright.domain.edit import VerifyEditTask
from coursewright.domain.email import Email
from coursewright.domain.evidence import (
    VERIFIER_VERSION,
    Evidence,
    Finding,
    FindingCode,
    Mutants,
    RepairTarget,
    Verdict,
)
from coursewright.domain.generation import (
    CourseRef,
    Generation,
    GenerationRequest,
    GenerationStatus,
    ModuleRef,
)
from coursewright.domain.league import DraftCost, LeagueRow
from coursewright.domain.requirement import Requirement
from coursewright.domain.review import Review, review_id, reviewer_id
from coursewright.domain.reviewer_rules import ReviewerRules
from coursewright.domain.session import SessionClaims, claims_for
from coursewright.domain.verification import Verification
from coursewright.pages.view_models import EditPage, ReviewPage
from coursewright.steps.decide_review import DecisionDeps
from coursewright.steps.edit_draft import EditDeps
from coursewright.steps.invite_reviewer import InvitationDeps
from coursewright.steps.open_review import OpenTask, open_review
from coursewright.steps.request_review import RequestReviewDeps, RequestTask, request_review
from coursewright.steps.reviewed_drafts import ReviewDeps
from coursewright.steps.verify_edit import VerifyEditDeps, verify_edit
from coursewright.web.decide_review import decide_review
from coursewright.web.edit_draft import edit_draft
from coursewright.web.http import Request, parse_request
from coursewright.web.invite_reviewer import invite_reviewer
from coursewright.web.responses import Response
from coursewright.web.review_responses import SubmissionAccepted, respond
from coursewright.web.routes import LINK
from coursewright.web.routes import REVIEW as REVIEW_ROUTE
from coursewright.web.show_review import show_review
from tests.fakes.memory_agents import MemoryDrafts, MemoryGenerations, MemoryLessons
from tests.fakes.memory_review import (
    MemoryAssignments,
    MemoryAudit,
    MemoryLinkKeys,
    MemoryMailbox,
    MemoryNotificationTopic,
    MemoryReviews,
    MemoryReviewTasks,
    MemoryVerifications,
)

GENERATION = "3f9c1b7a2d4e5f60"
REVIEW = review_id(GENERATION, 1)
MODELS = ("openai:model-a", "openai:model-b")
ADA, GRACE = "ada@example.edu", "grace@example.edu"
SITE = "https://review.example.edu"
AUTHORING = "https://authoring.example.edu"
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
LESSON = "<h1>Loops</h1><p>A <code>for</code> loop visits each element.</p>"
OPEN_SECONDS = 4 * 259_200
AUTHORSHIP = Authorship(prompt_set="4ac1f09be277", prompt_sha256="0" * 64)
GOOD_EVIDENCE = Evidence(
    verdict=Verdict.VERIFIED,
    solution_passes=True,
    starter_fails=True,
    tests_run=7,
    mutants=Mutants(total=20, killed=18),
    repeatable=True,
    verifier_version=VERIFIER_VERSION,
    duration_ms=41,
)
BAD_EVIDENCE = GOOD_EVIDENCE.model_copy(
    update={
        "verdict": Verdict.REJECTED,
        "reasons": (Finding(code=FindingCode.STARTER_PASSES),),
        "starter_fails": False,
    }
)


ROUND = {"generation": GENERATION, "round": "1"}


class SayingSandbox:
    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def check(self, request: dict[str, Any]) -> Evidence:
        return self.evidence


class FixedClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def advance(self, **duration: float) -> None:
        """Move the time forward."""
        self.at += timedelta(**duration)


class ReviewHarness:
    """One review with in-memory ports, and its reviewers' actions."""

    def __init__(self, *, reviewers: tuple[str, ...] = (ADA, GRACE), text: str = "") -> None:
        drafts = tuple(draft(model, number, text) for number in (1, 2) for model in MODELS)
        self.assignments = MemoryAssignments()
        self.clock = FixedClock()
        self.generations = MemoryGenerations(generation(reviewers))
        self.drafts = stored(drafts)
        self.verifications = MemoryVerifications(
            (GENERATION, verification(candidate, good=candidate != drafts[-1]))
            for candidate in drafts
        )
        self.lessons = MemoryLessons()
        self.lessons.save(LESSON)
        self.verifications.save_league(
            GENERATION, 1, tuple(league_row(model) for model in MODELS), {}
        )
        self.keys = MemoryLinkKeys("first-key")
        self.links = SignedLinks(self.keys)
        self.reviews = MemoryReviews()
        self.review_tasks = MemoryReviewTasks()
        self.mailbox = MemoryMailbox()
        self.audit = MemoryAudit()
        self.notification_topic = MemoryNotificationTopic()
        self.started_checks: list[VerifyEditTask] = []
        self.rules = ReviewerRules()
        self.site = SITE

    @property
    def review(self) -> Review:
        return self.reviews.get(REVIEW)

    @property
    def publishable(self) -> tuple[str, ...]:
        return tuple(candidate.draft for candidate in self.review.drafts if candidate.verified)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [entry for entry in self.audit.entries(GENERATION) if entry["event"] == name]

    def open(self, link_salt: str = "a-link_salt") -> "ReviewHarness":
        open_review(
            OpenTask(generation=GENERATION, round=1),
            open_seconds=OPEN_SECONDS,
            link_salt=lambda: link_salt,
            generations=self.generations,
            drafts=self.drafts,
            verifications=self.verifications,
            reviews=self.reviews,
            assignments=self.assignments,
            audit=self.audit,
            clock=self.clock,
        )
        return self

    def request(self, reminder: int = 0, task_token: str = "token-0") -> int:
        self.review_tasks.waiting.add(task_token)
        task = RequestTask(
            generation=GENERATION,
            round=1,
            review=REVIEW,
            reminder=reminder,
            task_token=task_token,
        )
        return request_review(task, deps=self._request_deps())["mailed"]

    def mail(self, address: str = ADA) -> Email:
        return next(mail for mail in self.mailbox.emails if mail.recipient == address)

    def access(self, address: str = ADA) -> ReviewerAccess:
        return self.reviews.access(REVIEW, reviewer_id(address))

    def claims(self, address: str = ADA) -> SessionClaims:
        return claims_for(self.review, address, self.access(address))

    def signed(self, address: str = ADA) -> str:
        return self.links.link(self.claims(address))

    def code(self, address: str = ADA) -> str:
        return self.links.code(self.claims(address))

    def click(self, signed: str, method: str = "GET") -> Response:
        return self.show(method, {"link": signed}, "")

    def page(self, cookie: str) -> Response:
        parameters = {"generation": GENERATION, "round": "1"}
        return self.show("GET", parameters, cookie)

    def round_page(self, number: int, address: str = ADA) -> Response:
        review = self.reviews.get(review_id(GENERATION, number))
        signed = self.links.link(claims_for(review, address, ReviewerAccess()))
        cookie = self.click(signed).cookies[0].split(";")[0]
        return self.show("GET", {"generation": GENERATION, "round": str(number)}, cookie)

    def enter(self, address: str = ADA) -> str:
        return self.click(self.signed(address)).cookies[0].split(";")[0]

    def form(self, cookie: str, address: str = ADA, /, **changes: object) -> dict[str, object]:
        session = cookie.partition("=")[2]
        return {
            "csrf": self.links.csrf(session),
            "shown_sha256": self.review.shown_sha256,
            "code": self.code(address),
            "decision": "approved",
            "approve": list(self.publishable),
            "notes": "",
        } | changes

    def send(
        self, cookie: str, form: Mapping[str, object], *, headers: dict[str, str] | None = None
    ) -> Response:
        event = http_event("POST", {"generation": GENERATION, "round": "1"}, cookie)
        event["headers"] |= {"content-type": "application/x-www-form-urlencoded"}
        event["headers"] |= {"origin": self.site} if headers is None else headers
        event["body"] = urlencode(form, doseq=True)
        request = parse_request(event, public_url=self.site)
        return respond(request, lambda: self.decide(request))

    def edit(self, cookie: str, form: Mapping[str, object], *, place: int = 1) -> Response:
        """Submit the form on a draft's own page."""
        request = self._posted({"place": str(place)}, cookie, form)
        return respond(request, lambda: self.save_edit(request))

    def invite(self, what: str, cookie: str, form: Mapping[str, object]) -> Response:
        """Submit a form that requests an email: `fresh-link` or `reviewers`."""
        request = self._posted({}, cookie, form, f"{REVIEW_ROUTE}/{what}")
        return respond(request, lambda: invite_reviewer(request, deps=self.invitation_deps()))

    def ask_again(self, signed: str, *, headers: dict[str, str] | None = None) -> Response:
        """Request a fresh link with the button on the plain page behind a link."""
        event = http_event("POST", {"link": signed}, "")
        event["headers"] |= {"origin": self.site} if headers is None else headers
        request = parse_request(event, public_url=self.site)
        return respond(request, lambda: invite_reviewer(request, deps=self.invitation_deps()))

    def audit_page(self, cookie: str, suffix: str = "") -> Response:
        """Open the review's audit page."""
        event = http_event("GET", ROUND, cookie)
        event["routeKey"] = f"GET {REVIEW_ROUTE}/audit{suffix}"
        request = parse_request(event, public_url=self.site)
        return respond(request, lambda: show_review(request, deps=self.review_deps()))

    def choose(self, cookie: str, form: Mapping[str, object]) -> Response:
        """Submit the review's form with a button that opens another page."""
        request = self._posted({}, cookie, form)
        return respond(request, lambda: show_review(request, deps=self.review_deps()))

    def verify(self, evidence: Evidence = GOOD_EVIDENCE) -> None:
        """Verify all pending edits, with the given evidence."""
        deps = VerifyEditDeps(
            reviews=self.reviews,
            drafts=self.drafts,
            generations=self.generations,
            verifications=self.verifications,
            sandbox=SayingSandbox(evidence),
            audit=self.audit,
            clock=self.clock,
        )
        for task in self.started_checks:
            verify_edit(task, deps=deps)
        self.started_checks.clear()

    def _posted(
        self, parameters: dict[str, str], cookie: str, form: Mapping[str, object], route: str = ""
    ) -> Request:
        event = http_event("POST", ROUND | parameters, cookie)
        event["routeKey"] = f"POST {route}"
        event["headers"] |= {"content-type": "application/x-www-form-urlencoded"}
        event["headers"] |= {"origin": self.site}
        event["body"] = urlencode(form, doseq=True)
        return parse_request(event, public_url=self.site)

    def show(self, method: str, parameters: dict[str, str], cookie: str) -> Response:
        request = parse_request(http_event(method, parameters, cookie), public_url=self.site)
        return respond(request, lambda: show_review(request, deps=self.review_deps()))

    def decide(self, request: Request) -> SubmissionAccepted | ReviewPage:
        deps = DecisionDeps(**self._read_from(), review_tasks=self.review_tasks)
        return decide_review(request, deps=deps)

    def save_edit(self, request: Request) -> SubmissionAccepted | EditPage:
        deps = EditDeps(**self._read_from(), start_check=self.started_checks.append)
        return edit_draft(request, deps=deps)

    def review_deps(self) -> ReviewDeps:
        return ReviewDeps(**self._read_from())

    def invitation_deps(self) -> InvitationDeps:
        return InvitationDeps(
            **self._read_from(),
            mailbox=self.mailbox,
            link_salt=lambda: f"link_salt {len(self.audit.entries(GENERATION))}",
            rules=self.rules,
        )

    def _request_deps(self) -> RequestReviewDeps:
        return RequestReviewDeps(
            **self._read_from(),
            review_tasks=self.review_tasks,
            mailbox=self.mailbox,
            publish_notification=self.notification_topic.publish,
            public_url=self.site,
            authoring_url=AUTHORING,
        )

    def _read_from(self) -> dict[str, Any]:
        return {
            "reviews": self.reviews,
            "generations": self.generations,
            "drafts": self.drafts,
            "verifications": self.verifications,
            "links": self.links,
            "clock": self.clock,
            "lessons": self.lessons,
            "audit": self.audit,
        }


def generation(reviewers: tuple[str, ...], *, module: str = "Loops") -> Generation:
    request = GenerationRequest(
        generation=GENERATION,
        course=CourseRef(id="python-basics", title="Python basics"),
        module=ModuleRef(id="loops", title=module),
        lesson=MemoryLessons().save(LESSON),
        brief=Brief(
            kind=Kind.PYTHON, tasks_count=2, models=MODELS, language="en", audience=Audience()
        ),
        models=MODELS,
        reviewers=reviewers,
    )
    return Generation(
        request=request,
        status=GenerationStatus.RUNNING,
        started_at=START,
        execution="an-execution",
    )


def stored(
    drafts: tuple[Draft, ...],
    *,
    test_code: str = "import unittest\n",
    datasets: tuple[Dataset, ...] = (),
) -> MemoryDrafts:
    memory = MemoryDrafts()
    memory.save_drafts(drafts)
    for candidate in drafts:
        memory.save_tests(GENERATION, tests_of(candidate, test_code, datasets))
        memory.save_solution(GENERATION, solution_of(candidate))
    return memory


def tests_of(of: Draft, code: str, datasets: tuple[Dataset, ...]) -> DraftTests:
    return DraftTests(
        draft=of.draft,
        attempt=0,
        tests=code,
        datasets=datasets,
        ordered=False,
        requirements=(Requirement(test="test_sum", quote="returns the sum"),),
        authorship=AUTHORSHIP,
    )


def solution_of(of: Draft) -> DraftSolution:
    code = "def total(prices):\n    return sum(prices)\n"
    return DraftSolution(
        draft=of.draft, attempt=0, code=code, explanation="Built in.", authorship=AUTHORSHIP
    )


def draft(model: str, number: int, text: str = "") -> Draft:
    return Draft(
        draft=draft_id(model, 1, number),
        generation=GENERATION,
        round=1,
        model=model,
        number=number,
        kind=Kind.PYTHON,
        name=f"Add up the prices, {number}",
        removed=removed_markup(text),
        text=text or "<p>Write <code>total(prices)</code> that returns the sum.</p>",
        code="def total(prices):\n    ...\n",
        file_name="solution.py",
        difficulty=number,
        concepts=("for", "accumulator"),
        schema_sql="",
        authorship=AUTHORSHIP,
    )


def verification(of: Draft, *, good: bool) -> Verification:
    return Verification(
        draft=of.draft,
        attempt=0,
        verdict=Verdict.VERIFIED if good else Verdict.REJECTED,
        repair=RepairTarget.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence=GOOD_EVIDENCE if good else BAD_EVIDENCE,
    )


def league_row(model: str) -> LeagueRow:
    return LeagueRow(
        model=model,
        outcome="written",
        drafts=2,
        verified=2,
        verified_at_first_try=2,
        repairs=0,
        calls=5,
        seconds=12.5,
        input_tokens=9000,
        cached_tokens=4000,
        output_tokens=3000,
        cost_micros=21_500 if model == MODELS[0] else None,
        kind="python",
        prompt_set="0123456789ab",
        mutants=20,
        mutants_killed=18,
        call_seconds=(1.0, 2.0, 2.5, 3.0, 4.0),
        draft_costs=tuple(
            DraftCost(
                draft=f"{model}/r1/d{number}",
                micros=10_750 if model == MODELS[0] else None,
            )
            for number in (1, 2)
        ),
    )


def http_event(method: str, parameters: dict[str, str], cookie: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "headers": {"host": "review.example.edu"},
        "cookies": cookie.split("; ") if cookie else [],
        "pathParameters": parameters,
        "routeKey": f"{method} {LINK if 'link' in parameters else REVIEW_ROUTE}",
        "requestContext": {"domainName": "abc.execute-api.example", "http": {"method": method}},
        "isBase64Encoded": False,
    }
