"""Reads a generation's progress from its records."""

from dataclasses import dataclass

from coursewright.domain.assignment import Draft
from coursewright.domain.draft_evidence import DraftEvidence, apply_edits
from coursewright.domain.edit import Edit
from coursewright.domain.errors import ReviewMissing
from coursewright.domain.evidence import Verdict
from coursewright.domain.generation import UNFINISHED, Generation
from coursewright.domain.model_call import Agent, CallOutcome, ModelCall, cost_micros, draft_in_step
from coursewright.domain.progress import ModelProgress, Progress
from coursewright.domain.review import MAX_ROUNDS, Decision, Review, review_id
from coursewright.domain.verification import MAX_REPAIRS, Verification
from coursewright.ports.agents import Answers, Drafts, ListModels, Models
from coursewright.ports.assignments import Exports
from coursewright.ports.generations import Clock, Executions, Generations
from coursewright.ports.reviews import Reviews
from coursewright.ports.verification import Verifications


@dataclass(frozen=True)
class AuthoringDeps:
    """Dependencies of the read-only authoring pages."""

    generations: Generations
    drafts: Drafts
    verifications: Verifications
    answers: Answers
    reviews: Reviews
    executions: Executions
    models: Models
    list_models: ListModels
    exports: Exports
    clock: Clock


def generation_progress(generation: Generation, *, deps: AuthoringDeps) -> Progress:
    """Return a generation's progress."""
    name = generation.request.generation
    review, round_number = _newest_round(name, deps.reviews)
    drafts = deps.drafts.of_round(name, round_number)
    verifications = deps.verifications.of_round(name, round_number)
    newest: dict[str, Verification] = {}
    for verification in sorted(verifications, key=lambda each: each.attempt):
        newest[verification.draft] = verification
    calls = [call for agent in Agent for call in deps.answers.calls(agent, name)]
    is_open = generation.status in UNFINISHED
    edits = deps.reviews.edits(review) if review else ()
    return Progress(
        generation=generation,
        execution=deps.executions.get(generation.execution) if is_open else None,
        round=round_number,
        models=tuple(
            _model_progress(model, generation, round_number, drafts, newest, calls, deps.models)
            for model in generation.request.models
        ),
        drafts=tuple(
            _with_edits(draft, newest.get(draft.draft), edits, deps.drafts) for draft in drafts
        ),
        review=review,
        league=deps.verifications.league(name, round_number),
    )


def _with_edits(
    draft: Draft, verification: Verification | None, edits: tuple[Edit, ...], drafts: Drafts
) -> DraftEvidence:
    evidence = DraftEvidence(draft=draft, tests=None, solution=None, verification=verification)
    own = tuple(edit for edit in edits if edit.draft == draft.draft)
    if not own:
        return evidence
    name, attempt = draft.generation, verification.attempt if verification else MAX_REPAIRS
    parts = {
        "tests": drafts.latest_tests(name, draft.draft, attempt=attempt),
        "solution": drafts.latest_solution(name, draft.draft, attempt=attempt),
    }
    return apply_edits(evidence.model_copy(update=parts), own)


def _newest_round(generation: str, reviews: Reviews) -> tuple[Review | None, int]:
    """Return the newest review, if any, and the current round's number."""
    for number in range(1, MAX_ROUNDS + 1):
        try:
            review = reviews.get(review_id(generation, number))
        except ReviewMissing:
            return None, number
        if review.decision is not Decision.CHANGES_REQUESTED:
            return review, number
    return review, MAX_ROUNDS


def _model_progress(
    model: str,
    generation: Generation,
    round_number: int,
    drafts: tuple[Draft, ...],
    newest: dict[str, Verification],
    calls: list[ModelCall],
    models: Models,
) -> ModelProgress:
    own = [draft.draft for draft in drafts if draft.model == model]
    own_calls = [call for call in calls if call.model == model]
    evidence = [newest[draft] for draft in own if draft in newest]
    costs = [cost_micros(call.usage, models.price(model)) for call in own_calls]

    def count_parts(agent: Agent) -> int:
        accepted = (
            draft_in_step(call.step)
            for call in own_calls
            if (call.agent, call.round) == (agent, round_number)
            and call.outcome is CallOutcome.ACCEPTED
        )
        return len(set(accepted))

    return ModelProgress(
        model=model,
        wanted=generation.request.brief.tasks_count,
        written=len(own),
        tests=count_parts(Agent.TESTS),
        solutions=count_parts(Agent.SOLUTION),
        checked=len(evidence),
        verified=sum(each.verdict is Verdict.VERIFIED for each in evidence),
        calls=len(own_calls),
        seconds=sum(call.seconds for call in own_calls),
        micros=None if None in costs else sum(cost or 0 for cost in costs),
    )
