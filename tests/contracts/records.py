"""Builds simple records for the contract tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coursewright.domain.assignment import Authorship, Draft, DraftSolution, DraftTests, draft_id
from coursewright.domain.brief import Kind
from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.domain.model_call import Agent, Answer, AnswerKey, CallOutcome, ModelCall, Usage
from coursewright.domain.review import Review, ReviewedDraft, hash_shown_drafts, review_id
from coursewright.domain.verification import Verification

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
GENERATION = "0f3a9c52d1b7e864"
MODEL = "openai:m"
AUTHORSHIP = Authorship(prompt_set="p", prompt_sha256="s")


def draft(number: int = 1, *, round_number: int = 1, model: str = MODEL, **changes: Any) -> Draft:
    facts: dict[str, Any] = {
        "draft": draft_id(model, round_number, number),
        "generation": GENERATION,
        "round": round_number,
        "model": model,
        "number": number,
        "kind": Kind.PYTHON,
        "name": f"Task {number}",
        "text": "<p>Write it – now: “ünïcode”.</p>",
        "code": "",
        "file_name": "solution.py",
        "difficulty": 1,
        "concepts": ("loops",),
        "schema_sql": "",
        "authorship": AUTHORSHIP,
    }
    return Draft.model_validate(facts | changes)


def draft_tests(draft_name: str, attempt: int = 0, *, tests: str = "import unittest") -> DraftTests:
    return DraftTests(
        draft=draft_name,
        attempt=attempt,
        tests=tests,
        datasets=(),
        ordered=False,
        requirements=(),
        authorship=AUTHORSHIP,
    )


def draft_solution(draft_name: str, attempt: int = 0) -> DraftSolution:
    return DraftSolution(
        draft=draft_name, attempt=attempt, code="x = 1", explanation="", authorship=AUTHORSHIP
    )


def verification(
    draft_name: str, attempt: int = 0, verdict: Verdict = Verdict.VERIFIED
) -> Verification:
    return Verification(
        draft=draft_name,
        attempt=attempt,
        verdict=verdict,
        repair=RepairTarget.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence=Evidence(verdict=verdict, tests_run=7),
    )


def review(round_number: int = 1) -> Review:
    drafts = (
        ReviewedDraft(
            draft="openai:m/r1/d1",
            verified=True,
            content_sha256="c",
            blocking_doubts=(FindingCode.AMBIGUOUS,),
        ),
    )
    return Review(
        review=review_id(GENERATION, round_number),
        generation=GENERATION,
        round=round_number,
        drafts=drafts,
        reviewers=("ada@example.edu", "bo@example.edu"),
        shown_sha256=hash_shown_drafts(drafts),
        link_salt="n",
        opened_at=NOW,
        expires_at=NOW + timedelta(days=12),
    )


def answer_key(step: str = "conditions") -> AnswerKey:
    return AnswerKey(agent=Agent.CONDITIONS, generation=GENERATION, model=MODEL, round=1, step=step)


def answer(text: str = "hello") -> Answer:
    return Answer(arguments={"assignments": [text], "n": 1.5}, call=call())


def call(outcome: CallOutcome = CallOutcome.ACCEPTED) -> ModelCall:
    return ModelCall(
        agent=Agent.CONDITIONS,
        model=MODEL,
        round=1,
        step="conditions",
        outcome=outcome,
        problem="",
        usage=Usage(input_tokens=10, cached_tokens=2, output_tokens=5),
        seconds=1.25,
        stop_reason="tool_calls",
        request_id="req",
        prompt_sha256="s",
        called_at=NOW,
    )
