"""Builds the authoring pages in memory: the form, the list and one generation."""

from typing import Any
from urllib.parse import urlencode

from coursewright.adapters.author_cookies import SignedAuthorCookies
from coursewright.agents.model_registry import ModelEntry, Registry
from coursewright.domain.author import author_from_claims
from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.domain.export import ExportTask
from coursewright.domain.generation import Generation
from coursewright.domain.model_call import (
    Agent,
    Answer,
    AnswerKey,
    CallOutcome,
    ListedModel,
    ModelCall,
    Price,
    Unavailability,
    UnavailabilityCode,
    Usage,
)
from coursewright.settings import Settings
from coursewright.steps.generation_progress import AuthoringDeps
from coursewright.steps.request_generation import RequestGenerationDeps
from coursewright.steps.sign_in_author import AuthorAccess
from coursewright.web.author_session import respond_to_author
from coursewright.web.http import parse_request
from coursewright.web.request_export import request_export
from coursewright.web.request_generation import request_generation
from coursewright.web.responses import Response
from coursewright.web.routes import EXPORT
from coursewright.web.show_authoring import show_authoring
from tests.fakes.memory_agents import MemoryAnswers, MemoryGenerations, MemoryLessons
from tests.fakes.memory_authoring import (
    MemoryCatalogue,
    MemoryEventBus,
    MemoryExecutions,
    MemoryExports,
    MemoryGenerationList,
)
from tests.unit.review.builders import ADA, GENERATION, MODELS, START, ReviewHarness, generation

AUTHORING = "https://authoring.example.edu"
LESSON = "<h1>Loops</h1><p>A <code>for</code> loop visits each element.</p>"
CLAIMS = {"sub": "9f3c", "email": "lin@example.edu", "name": "Lin Chen"}
LIN = author_from_claims(CLAIMS)
MONTH = "2026-11"
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:coursewright:loops-1"
SETTINGS = Settings(default_models=",".join(MODELS), default_reviewers=(ADA,))
FORM: dict[str, object] = {
    "course_id": "python-basics",
    "course_title": "Python basics",
    "module_id": "loops",
    "module_title": "Loops",
    "kind": "python",
    "lesson": LESSON,
    "tasks_count": "2",
    "models": list(MODELS),
    "language": "en",
    "level": "beginner",
    "known_topics": "variables\nif\n",
    "reviewers": "ada@example.edu, grace@example.edu",
    "mode": "tool",
    "ticket": "a-ticket",
    "act": "start",
}


def entry(model: str, **changes: Any) -> ModelEntry:
    facts: dict[str, Any] = {
        "id": model,
        "label": model.title(),
        "group": "OpenAI",
        "provider": "openai",
        "name": model,
        "tool_calling": True,
        "key": "OPENAI_API_KEY",
    }
    return ModelEntry(**(facts | changes))


NO_KEY = Unavailability(code=UnavailabilityCode.KEY_MISSING, params={"name": "OTHER_API_KEY"})


def listed(model: str, *missing: Unavailability, **changes: Any) -> ListedModel:
    facts: dict[str, Any] = {"label": model, "group": "OpenAI", "price": Price()}
    return ListedModel(id=model, missing=missing, **(facts | changes))


class ListedGenerations(MemoryGenerationList):
    """A harness's generations with a list by month that the test defines."""

    def __init__(self, known: MemoryGenerations, listed: MemoryGenerationList) -> None:
        super().__init__()
        self._known, self._listed = known, listed

    def get(self, generation: str) -> Generation:
        return self._known.get(generation)

    def list_month(self, month: str) -> tuple[str, ...]:
        return self._listed.list_month(month)


class Author:
    """The authoring pages, showing the generation of a review harness."""

    def __init__(self) -> None:
        self.harness = ReviewHarness()
        self.answers = MemoryAnswers()
        self.executions = MemoryExecutions()
        self.bus = MemoryEventBus()
        self.lessons = MemoryLessons({("lessons", "loops.html"): LESSON})
        self.registry = Registry(
            [
                entry(MODELS[0], price_input=1.0, price_output=4.0),
                entry(MODELS[1]),
                entry("openai:keyless"),
            ]
        )
        self.catalogue = MemoryCatalogue(
            listed(MODELS[0], price=Price(input=1.0, output=4.0)),
            listed(MODELS[1]),
            listed("openai:keyless", NO_KEY),
        )
        self.listed = MemoryGenerationList(m2026_11=(GENERATION,))
        self.exports = MemoryExports()
        self.started_exports: list[ExportTask] = []
        self.settings = SETTINGS
        cookies = SignedAuthorCookies(lambda: ["old key", "new key"])
        self.access = AuthorAccess(cookies=cookies, clock=self.harness.clock)
        self.cookie = ""
        self.claims: dict[str, str] = CLAIMS
        self.accept_language = ""
        self.origin = AUTHORING
        self.begin(generation((ADA,)))

    def begin(self, begun: Generation) -> None:
        """Make this the generation that the authoring pages show."""
        self.generation = begun.model_copy(update={"execution": EXECUTION})
        self.harness.generations = MemoryGenerations(self.generation)

    def stop(self, error: str, message: str = "") -> None:
        self.executions.known[EXECUTION] = Execution(
            status=ExecutionStatus.FAILED, error=error, message=message
        )

    def pay(self, agent: Agent, model: str, step: str, round_number: int = 1) -> None:
        """Record a paid call by an agent."""
        key = AnswerKey(
            agent=agent, generation=GENERATION, model=model, round=round_number, step=step
        )
        call = ModelCall(
            agent=agent,
            model=model,
            round=round_number,
            step=step,
            outcome=CallOutcome.ACCEPTED,
            problem="",
            usage=Usage(input_tokens=1000, output_tokens=500),
            seconds=2.0,
            stop_reason="stop",
            request_id="r",
            prompt_sha256="0" * 64,
            called_at=START,
        )
        self.answers.start(key, lease="lease", now=START, until=START)
        self.answers.accept(key, Answer(arguments={}, call=call), lease="lease")

    def look(self, path: str, **parameters: str) -> Response:
        event = self.event("GET", path, parameters)
        return self.show(event)

    def show(self, event: dict[str, Any]) -> Response:
        event["headers"] |= {"accept-language": self.accept_language}
        request = parse_request(event, public_url=self.origin)
        tickets = iter(f"ticket-{number}" for number in range(9))
        return respond_to_author(
            request,
            lambda _: show_authoring(
                request,
                deps=self._authoring_deps(),
                defaults=self.settings.brief_defaults,
                ticket=lambda: next(tickets),
            ),
            access=self.access,
        )

    def send(self, headers: dict[str, str] | None = None, /, **changes: object) -> Response:
        event = self.event("POST", "/authoring/generations", {})
        event["headers"] |= {"content-type": "application/x-www-form-urlencoded"}
        event["headers"] |= {"origin": self.origin} if headers is None else headers
        event["body"] = urlencode(FORM | changes, doseq=True)
        return self.receive(event)

    def receive(self, event: dict[str, Any]) -> Response:
        request = parse_request(event, public_url=self.origin)
        deps = self._request_generation_deps()
        return respond_to_author(
            request,
            lambda author: request_generation(request, author=author, deps=deps),
            access=self.access,
        )

    def export(self, form: str, generation: str = GENERATION, origin: str = AUTHORING) -> Response:
        path = f"/authoring/generations/{generation}/export"
        event = self.event("POST", path, {"generation": generation})
        event["headers"] |= {"content-type": "application/x-www-form-urlencoded", "origin": origin}
        event["body"] = urlencode({"format": form})
        return self.receive_export(event)

    def receive_export(self, event: dict[str, Any]) -> Response:
        request = parse_request(event, public_url=self.origin)
        now = self.harness.clock.now()
        start_export = self.started_exports.append
        return respond_to_author(
            request,
            lambda author: request_export(
                request, author=author, start_export=start_export, now=now
            ),
            access=self.access,
        )

    def look_at_export(self, form: str, requested: str, generation: str = GENERATION) -> Response:
        """Open the page of an export as its redirect does."""
        event = self.event("GET", EXPORT, {"generation": generation, "format": form})
        event["queryStringParameters"] = {"requested": requested}
        return self.show(event)

    def _authoring_deps(self) -> AuthoringDeps:
        return AuthoringDeps(
            generations=ListedGenerations(self.harness.generations, self.listed),
            drafts=self.harness.drafts,
            verifications=self.harness.verifications,
            answers=self.answers,
            reviews=self.harness.reviews,
            executions=self.executions,
            models=self.registry,
            list_models=self.catalogue.models,
            exports=self.exports,
            clock=self.harness.clock,
        )

    def _request_generation_deps(self) -> RequestGenerationDeps:
        return RequestGenerationDeps(
            lessons=self.lessons,
            publish_module=self.bus.publish,
            models=self.registry,
            list_models=self.catalogue.models,
            pessimistic=Price(input=15, output=75),
            settings=self.settings,
        )

    def event(self, method: str, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        return {
            "version": "2.0",
            "headers": {"host": "authoring.example.edu"},
            "cookies": [self.cookie],
            "pathParameters": parameters,
            "routeKey": f"{method} {path}",
            "requestContext": {
                "domainName": "abc.execute-api.example",
                "http": {"method": method, "path": path},
                "authorizer": {"jwt": {"claims": self.claims, "scopes": []}},
            },
            "isBase64Encoded": False,
        }
