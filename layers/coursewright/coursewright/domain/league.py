"""The league table: models compared on the same brief by quality, speed and cost."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from coursewright.domain.assignment import Draft
from coursewright.domain.base import Record
from coursewright.domain.evidence import Verdict
from coursewright.domain.model_call import ModelCall, Price, cost_micros, draft_in_step
from coursewright.domain.statistics import Share, edit_distance, percentile, share
from coursewright.domain.verification import Verification

SUMMED = (
    *("drafts", "verified", "verified_at_first_try", "repairs", "calls"),
    *("input_tokens", "cached_tokens", "output_tokens", "mutants", "mutants_killed"),
    *("decided", "approved", "edited"),
)


class DraftCost(Record):
    """A draft's cost with its share of the call for the set; None if the price is unknown."""

    draft: str
    micros: int | None


class LeagueRow(Record):
    """One model's results; the cost is None if its price is unknown."""

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
    kind: str = ""
    prompt_set: str = ""
    mutants: int = 0
    mutants_killed: int = 0
    call_seconds: tuple[float, ...] = ()
    draft_costs: tuple[DraftCost, ...] = ()
    decided: int = 0
    approved: int = 0
    edited: int = 0
    edit_distance_sum: float = 0.0

    @property
    def shares(self) -> dict[str, Share]:
        """All shares with their confidence intervals."""
        return {
            "verified": share(self.verified, self.drafts),
            "verified_at_first_try": share(self.verified_at_first_try, self.drafts),
            "mutants_killed": share(self.mutants_killed, self.mutants),
            "approved": share(self.approved, self.decided),
            "edited": share(self.edited, self.approved),
        }

    @property
    def seconds_p50(self) -> float | None:
        """The median duration of a call to this model."""
        return percentile(self.call_seconds, 50)

    @property
    def seconds_p95(self) -> float | None:
        """The 95th percentile of the duration of a call to this model."""
        return percentile(self.call_seconds, 95)

    @property
    def micros_per_verified(self) -> int | None:
        """The cost per verified draft, including drafts that failed."""
        return _per(self.cost_micros, self.verified)

    @property
    def micros_per_approved(self) -> int | None:
        """The cost per approved assignment, including drafts that were not approved."""
        return _per(self.cost_micros, self.approved)

    @property
    def edit_distance(self) -> float | None:
        """The average share of words that reviewers changed in an edited draft."""
        return round(self.edit_distance_sum / self.edited, 4) if self.edited else None

    def cost_of(self, draft: str) -> int | None:
        """Return what a draft cost, or None if it is unknown."""
        return next((cost.micros for cost in self.draft_costs if cost.draft == draft), None)

    def facts(self) -> dict[str, Any]:
        """Return the row with all derived values as JSON-compatible data."""
        derived = ("seconds_p50", "seconds_p95", "micros_per_verified", "micros_per_approved")
        shares = {name: proportion.model_dump() for name, proportion in self.shares.items()}
        return self.model_dump(mode="json", exclude={"call_seconds"}) | {
            **{name: getattr(self, name) for name in derived},
            "edit_distance": self.edit_distance,
            "shares": shares,
        }


def league_row(
    model: str,
    outcome: str,
    calls: Iterable[ModelCall],
    verifications: Iterable[Verification],
    price: Price,
    *,
    drafts: tuple[Draft, ...] = (),
) -> LeagueRow:
    """Summarise one model's work in a round; seconds are those spent waiting for the model."""
    calls = tuple(calls)
    last: dict[str, Verification] = {}
    for verification in sorted(verifications, key=lambda verification: verification.attempt):
        last[verification.draft] = verification
    verified = [
        verification for verification in last.values() if verification.verdict is Verdict.VERIFIED
    ]
    mutants = [verification.evidence.mutants for verification in last.values()]
    costs = [cost_micros(call.usage, price) for call in calls]
    return LeagueRow(
        model=model,
        outcome=outcome,
        drafts=max(len(last), len(drafts)),
        verified=len(verified),
        verified_at_first_try=sum(verification.attempt == 0 for verification in verified),
        repairs=sum(verification.attempt for verification in last.values()),
        calls=len(calls),
        seconds=round(sum(call.seconds for call in calls), 3),
        input_tokens=sum(call.usage.input_tokens for call in calls),
        cached_tokens=sum(call.usage.cached_tokens for call in calls),
        output_tokens=sum(call.usage.output_tokens for call in calls),
        cost_micros=_sum(costs),
        kind=drafts[0].kind if drafts else "",
        prompt_set=", ".join(sorted({draft.authorship.prompt_set for draft in drafts})),
        mutants=sum(score.total for score in mutants),
        mutants_killed=sum(score.killed for score in mutants),
        call_seconds=tuple(sorted(call.seconds for call in calls)),
        draft_costs=_draft_costs(calls, price, tuple(draft.draft for draft in drafts)),
    )


def with_decision(
    row: LeagueRow,
    shown: Iterable[str],
    approved: Iterable[str],
    edits: Mapping[str, tuple[str, str]] | None = None,
) -> LeagueRow:
    """Add the reviewer's decision on the publishable drafts, and how much was edited.

    `edits` maps each edited draft to its text before and after.
    """
    mine = f"{row.model}/r"
    chosen = [draft for draft in approved if draft.startswith(mine)]
    edited = [(edits or {})[draft] for draft in chosen if draft in (edits or {})]
    return row.model_copy(
        update={
            "decided": sum(draft.startswith(mine) for draft in shown),
            "approved": len(chosen),
            "edited": len(edited),
            "edit_distance_sum": sum(edit_distance(before, after) for before, after in edited),
        }
    )


def ranked(rows: Iterable[LeagueRow]) -> tuple[LeagueRow, ...]:
    """Sort by quality, then price, then speed; unknown prices come after known ones."""

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


def combined(rows: Iterable[LeagueRow]) -> tuple[LeagueRow, ...]:
    """Add up the rows of several rounds, per model, kind and prompt set."""

    def alike(row: LeagueRow) -> tuple[str, str, str]:
        return row.kind, row.prompt_set, row.model

    groups = [tuple(group) for _, group in groupby(sorted(rows, key=alike), key=alike)]
    return tuple(_added(group) for group in groups)


def _added(rows: tuple[LeagueRow, ...]) -> LeagueRow:
    outcomes = {row.outcome for row in rows}
    totals: dict[str, Any] = {name: sum(getattr(row, name) for row in rows) for name in SUMMED}
    return rows[0].model_copy(
        update=totals
        | {
            "outcome": rows[0].outcome if len(outcomes) == 1 else "written",
            "seconds": round(sum(row.seconds for row in rows), 3),
            "cost_micros": _sum([row.cost_micros for row in rows]),
            "call_seconds": tuple(sorted(seconds for row in rows for seconds in row.call_seconds)),
            "draft_costs": (),
            "edit_distance_sum": sum(row.edit_distance_sum for row in rows),
        }
    )


def _draft_costs(
    calls: tuple[ModelCall, ...], price: Price, drafts: tuple[str, ...]
) -> tuple[DraftCost, ...]:
    costs = [(draft_in_step(call.step), cost_micros(call.usage, price)) for call in calls]
    common = _sum([cost for draft, cost in costs if draft not in drafts])
    own = {draft: _sum([cost for of, cost in costs if of == draft]) for draft in drafts}
    return tuple(
        DraftCost(draft=draft, micros=_sum([own[draft], _part(common, at, len(drafts))]))
        for at, draft in enumerate(drafts)
    )


def _part(whole: int | None, at: int, parts: int) -> int | None:
    return None if whole is None else whole // parts + (at < whole % parts)


def _per(micros: int | None, number: int) -> int | None:
    return None if micros is None or not number else round(micros / number)


def _sum(costs: list[int | None]) -> int | None:
    return None if None in costs else sum(cost or 0 for cost in costs)
