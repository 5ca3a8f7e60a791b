"""How far a generation has come, told by its records and never by what its run holds."""

from dataclasses import dataclass

from coursewright.domain.assignment import Draft
from coursewright.domain.draft_evidence import DraftEvidence, apply_edits
from coursewright.domain.edit import Edit
from coursewright.domain.errors import ReviewMissing
from coursewright.domain.evidence import Verdict
from coursewright.domain.generation import UNFINISHED, Generation
from coursewright.domain.model_call import Agent, CallOutcome, ModelCall, cost_micros, draft_of
from coursewright.domain.review import MAX_ROUNDS, Decision, Review, review_id
from coursewright.domain.verification import MAX_REPAIRS, Verification
from coursewright.pages.authoring_page import ModelProgress, Progress
from coursewright.ports.agents import Answers, Drafts, Models
from coursewright.ports.generations import Executions, Generations
from coursewright.ports.reviews import Reviews
from coursewright.ports.verification import Leagues, Verifications


@dataclass(frozen=True)
class ProgressDeps:
    """What a generation's progress is read from."""

    generations: Generations
    drafts: Drafts
    verifications: Verifications
    answers: Answers
    reviews: Reviews
    leagues: Leagues
    executions: Executions
    models: Models


def generation_progress(generation: Generation, *, deps: ProgressDeps) -> Progress:
    """Gather how far a generation has come."""
    name = generation.request.generation
    review, round_number = _newest_round(name, deps.reviews)
    drafts = deps.drafts.of_round(name, round_number)
    newest: dict[str, Verification] = {}
    for one in sorted(deps.verifications.of_round(name, round_number), key=lambda v: v.attempt):
        newest[one.draft] = one
    calls = [call for agent in Agent for call in deps.answers.calls(agent, name)]
    is_open = generation.status in UNFINISHED
    edits = deps.reviews.edits(review) if review else ()
    return Progress(
        generation=generation,
        run=deps.executions.get(generation.execution) if is_open else None,
        round=round_number,
        models=tuple(
            _of_model(model, generation, round_number, drafts, newest, calls, deps.models)
            for model in generation.request.models
        ),
        drafts=tuple(
            _as_it_stands(draft, newest.get(draft.draft), edits, deps.drafts) for draft in drafts
        ),
        review=review,
        rows=deps.leagues.get(name, round_number),
    )


def _as_it_stands(
    draft: Draft, verification: Verification | None, edits: tuple[Edit, ...], drafts: Drafts
) -> DraftEvidence:
    plain = DraftEvidence(draft=draft, tests=None, solution=None, verification=verification)
    own = tuple(one for one in edits if one.draft == draft.draft)
    if not own:
        return plain
    name, attempt = draft.generation, verification.attempt if verification else MAX_REPAIRS
    parts = {
        "tests": drafts.latest_tests(name, draft.draft, attempt=attempt),
        "solution": drafts.latest_solution(name, draft.draft, attempt=attempt),
    }
    return apply_edits(plain.model_copy(update=parts), own)


def _newest_round(generation: str, reviews: Reviews) -> tuple[Review | None, int]:
    """Return the newest review, and the round that is worked on."""
    for number in range(1, MAX_ROUNDS + 1):
        try:
            review = reviews.get(review_id(generation, number))
        except ReviewMissing:
            return None, number
        if review.decision is not Decision.CHANGES_REQUESTED:
            return review, number
    return review, MAX_ROUNDS


def _of_model(
    model: str,
    generation: Generation,
    round_number: int,
    drafts: tuple[Draft, ...],
    newest: dict[str, Verification],
    calls: list[ModelCall],
    models: Models,
) -> ModelProgress:
    own = [one.draft for one in drafts if one.model == model]
    own_calls = [call for call in calls if call.model == model]
    evidence = [newest[draft] for draft in own if draft in newest]
    costs = [cost_micros(call.usage, models.price(model)) for call in own_calls]

    def parts(agent: Agent) -> int:
        accepted = (
            draft_of(call.step)
            for call in own_calls
            if (call.agent, call.round) == (agent, round_number)
            and call.outcome is CallOutcome.ACCEPTED
        )
        return len(set(accepted))

    return ModelProgress(
        model=model,
        wanted=generation.request.brief.tasks_count,
        written=len(own),
        tests=parts(Agent.TESTS),
        solutions=parts(Agent.SOLUTION),
        checked=len(evidence),
        verified=sum(one.verdict is Verdict.VERIFIED for one in evidence),
        calls=len(own_calls),
        seconds=sum(call.seconds for call in own_calls),
        micros=None if None in costs else sum(cost or 0 for cost in costs),
    )
