"""Models compared on the same brief: which is better, faster, cheaper."""

from collections.abc import Iterable

from coursewright.domain.model_call import ModelCall, Price, cost_micros
from coursewright.domain.records import Record
from coursewright.domain.verification import Verdict, Verification


class LeagueRow(Record):
    """How one model did in one round; the cost is None where its price is unknown."""

    model: str
    outcome: str
    drafts: int
    verified: int
    verified_at_first_try: int
    repairs: int
    calls: int
    seconds: float
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_micros: int | None


def league_row(
    model: str,
    outcome: str,
    calls: Iterable[ModelCall],
    verifications: Iterable[Verification],
    price: Price,
) -> LeagueRow:
    """Sum up one model's work; seconds are those spent waiting for the model."""
    calls = tuple(calls)
    last: dict[str, Verification] = {}
    for verification in sorted(verifications, key=lambda one: one.attempt):
        last[verification.draft] = verification
    verified = [one for one in last.values() if one.verdict is Verdict.VERIFIED]
    costs = [cost_micros(call.usage, price) for call in calls]
    return LeagueRow(
        model=model,
        outcome=outcome,
        drafts=len(last),
        verified=len(verified),
        verified_at_first_try=sum(one.attempt == 0 for one in verified),
        repairs=sum(one.attempt for one in last.values()),
        calls=len(calls),
        seconds=round(sum(call.seconds for call in calls), 3),
        input_tokens=sum(call.usage.input_tokens for call in calls),
        cached_tokens=sum(call.usage.cached_tokens for call in calls),
        output_tokens=sum(call.usage.output_tokens for call in calls),
        cost_micros=None if None in costs else sum(cost or 0 for cost in costs),
    )


def ranked(rows: Iterable[LeagueRow]) -> tuple[LeagueRow, ...]:
    """Order by quality, then price, then speed; an unknown price stands after every known one."""

    def place(row: LeagueRow) -> tuple[float, float, bool, int, float]:
        drafts = row.drafts or 1
        return (
            -row.verified / drafts,
            -row.verified_at_first_try / drafts,
            row.cost_micros is None,
            row.cost_micros or 0,
            row.seconds,
        )

    return tuple(sorted(rows, key=place))
