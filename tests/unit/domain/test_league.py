"""The league ranks models by quality, then price, then speed, and never guesses a price."""

from datetime import UTC, datetime

from coursewright.domain.assignment import Draft
from coursewright.domain.evidence import Evidence, Mutants, RepairTarget, Verdict
from coursewright.domain.league import LeagueRow, combined, league_row, ranked, with_decision
from coursewright.domain.model_call import Agent, CallOutcome, ModelCall, Price, Usage, cost_micros
from coursewright.domain.verification import Verification
from tests.unit.agents.fixtures import draft

DRAFTS = ("openai:a/r1/d1", "openai:a/r1/d2")


def call(seconds: float = 1.5, **tokens: int) -> ModelCall:
    return ModelCall(
        agent=Agent.TESTS,
        model="openai:a",
        round=1,
        step="tests",
        outcome=CallOutcome.ACCEPTED,
        problem="",
        usage=Usage(**tokens),
        seconds=seconds,
        stop_reason="stop",
        request_id="r",
        prompt_sha256="s",
        called_at=datetime(2026, 1, 15, tzinfo=UTC),
    )


def verification(draft: str, attempt: int, verdict: Verdict) -> Verification:
    return Verification(
        draft=draft,
        attempt=attempt,
        verdict=verdict,
        repair=RepairTarget.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence=Evidence(verdict=verdict),
    )


def row(verified: int, micros: int | None, model: str) -> LeagueRow:
    empty = league_row(model, "written", [], [], Price())
    return empty.model_copy(
        update={
            "drafts": 5,
            "verified": verified,
            "verified_at_first_try": verified,
            "cost_micros": micros,
        }
    )


def test_cached_tokens_cost_their_own_price() -> None:
    usage = Usage(input_tokens=1000, cached_tokens=400, output_tokens=100)

    assert cost_micros(usage, Price(input=2, cached=0.5, output=8)) == 600 * 2 + 200 + 800


def test_an_unknown_price_is_unknown_and_not_zero() -> None:
    assert cost_micros(Usage(input_tokens=5), Price(input=1)) is None
    assert league_row("m", "written", [call(input_tokens=5)], [], Price()).cost_micros is None


def test_a_row_counts_the_last_verdict_and_all_repairs() -> None:
    evidence = [
        verification("a/r1/d1", 0, Verdict.VERIFIED),
        verification("a/r1/d2", 1, Verdict.VERIFIED),
        verification("a/r1/d2", 0, Verdict.REJECTED),
        verification("a/r1/d3", 2, Verdict.REJECTED),
    ]

    found = league_row("a", "written", [call(), call(2.0)], evidence, Price(input=1, output=1))

    assert (found.drafts, found.verified, found.verified_at_first_try) == (3, 2, 1)
    assert (found.repairs, found.calls, found.seconds) == (3, 2, 3.5)


def test_quality_comes_before_price_and_known_prices_before_unknown_ones() -> None:
    best, cheap, unknown = row(5, 900, "best"), row(4, 1, "cheap"), row(4, None, "unknown")

    assert [league_row.model for league_row in ranked([unknown, cheap, best])] == [
        "best",
        "cheap",
        "unknown",
    ]


def drafted(*names: str) -> tuple[Draft, ...]:
    return tuple(draft().model_copy(update={"draft": name, "model": "openai:a"}) for name in names)


def test_a_draft_costs_its_own_calls_and_its_share_of_common_ones() -> None:
    common = call(output_tokens=5).model_copy(update={"step": "conditions"})
    own = call(output_tokens=10).model_copy(update={"step": "tests:openai:a/r1/d2:0"})
    price = Price(input=1, output=1)

    found = league_row("openai:a", "written", [common, own], [], price, drafts=drafted(*DRAFTS))

    assert [found.cost_of(draft) for draft in DRAFTS] == [3, 12]
    assert found.cost_micros == 15
    assert found.cost_of("openai:a/r1/d9") is None


def test_a_draft_that_a_model_declined_counts_as_a_draft() -> None:
    evidence = [verification(DRAFTS[0], 0, Verdict.VERIFIED)]

    found = league_row("openai:a", "written", [], evidence, Price(), drafts=drafted(*DRAFTS))

    assert (found.verified, found.drafts) == (1, 2)
    assert (found.kind, found.prompt_set) == ("python", "p")


def evidence(killed: int) -> Evidence:
    return Evidence(verdict=Verdict.VERIFIED, mutants=Mutants(total=10, killed=killed))


def test_planted_mistakes_are_those_of_the_last_evidence() -> None:
    killed = [
        verification(DRAFTS[0], attempt, Verdict.VERIFIED).model_copy(
            update={"evidence": evidence(killed)}
        )
        for attempt, killed in ((0, 5), (1, 9))
    ]

    found = league_row("openai:a", "written", [], killed, Price())

    assert (found.mutants_killed, found.mutants) == (9, 10)


def test_a_decision_counts_what_was_approved_and_edited_of_a_models_own_drafts() -> None:
    shown = [*DRAFTS, "openai:b/r1/d1"]
    found = row(2, 900, "openai:a")

    decided = with_decision(found, shown, shown[1:], {DRAFTS[1]: ("one two", "one three")})

    assert (decided.decided, decided.approved, decided.edited) == (2, 1, 1)
    assert decided.edit_distance == 0.5
    assert (found.micros_per_approved, decided.micros_per_approved) == (None, 900)


def test_rounds_are_added_up_per_model_kind_and_prompts() -> None:
    older = row(3, 900, "openai:a").model_copy(update={"call_seconds": (2.0,), "prompt_set": "p"})
    other = row(5, 100, "openai:a").model_copy(update={"call_seconds": (1.0,), "prompt_set": "p"})
    newer = other.model_copy(update={"prompt_set": "q"})

    both, alone = combined([older, newer, other])

    assert (both.verified, both.drafts, both.cost_micros) == (8, 10, 1000)
    assert both.call_seconds == (1.0, 2.0)
    assert alone == newer


def test_an_unknown_cost_makes_the_sum_unknown() -> None:
    (both,) = combined([row(3, 900, "openai:a"), row(3, None, "openai:a")])

    assert both.cost_micros is None


def test_the_facts_of_a_row_include_counts_and_intervals() -> None:
    facts = row(4, 900, "openai:a").facts()

    assert facts["micros_per_verified"] == 225
    assert facts["shares"]["verified"]["count"] == 4
    assert 0.37 < facts["shares"]["verified"]["low"] < 0.8 < facts["shares"]["verified"]["high"]
