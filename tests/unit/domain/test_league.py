"""The league ranks by quality, then price, then speed, and never guesses a price."""

from datetime import UTC, datetime

from coursewright.domain.league import LeagueRow, league_row, ranked
from coursewright.domain.model_call import Agent, CallOutcome, ModelCall, Price, Usage, cost_micros
from coursewright.domain.verification import Repair, Verdict, Verification


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
        repair=Repair.NONE,
        tests_attempt=0,
        solution_attempt=0,
        evidence={},
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

    assert [one.model for one in ranked([unknown, cheap, best])] == ["best", "cheap", "unknown"]
