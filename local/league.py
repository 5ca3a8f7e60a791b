"""Renders the league as terminal tables, as JSON and as an SVG plot."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.reviews import DynamoReviews
from coursewright.adapters.table import Table as RecordTable
from coursewright.adapters.table import from_wire
from coursewright.domain.errors import ReviewMissing
from coursewright.domain.league import LeagueRow, combined, ranked, with_decision
from coursewright.domain.review import Decision, review_id
from coursewright.domain.statistics import Share
from coursewright.markup.formatting import money, percent, seconds
from coursewright.pages.league_plot import league_plot
from local.stack import DeployedStack

COLUMNS = ("verified", "first try", "repairs", "mistakes", "call p50, p95")
COST_COLUMNS = ("tokens", "cost", "per verified")
DECISION_COLUMNS = ("approved", "edited", "per approved")
CAPTION = (
    "In brackets: 95% confidence intervals. Mistakes: planted mistakes that the tests noticed."
)


def league_tables(rows: Sequence[LeagueRow]) -> list[Table]:
    """Return the league as terminal tables, one per kind and prompt set."""
    groups = sorted({(row.kind, row.prompt_set) for row in rows})
    return [league_table([row for row in rows if _group(row) == group]) for group in groups]


def league_table(rows: Sequence[LeagueRow]) -> Table:
    """Return a comparison as a table, with decision columns only if reviewers have decided."""
    is_decided = any(row.decided for row in rows)
    groups = sorted({f"{row.kind}, prompts {row.prompt_set}" for row in rows if row.kind})
    title = " ".join(["League: better, faster, cheaper", *(f"({name})" for name in groups)])
    table = Table(title=title, title_justify="left", caption=CAPTION, caption_justify="left")
    table.add_column("model", no_wrap=True)
    for name in COLUMNS + COST_COLUMNS + (DECISION_COLUMNS if is_decided else ()):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row.model, *_cells(row), *(_decision_cells(row) if is_decided else ()))
    return table


def read_league(stack: DeployedStack) -> tuple[LeagueRow, ...]:
    """Return the league over all generations and rounds, with the reviewers' decisions."""
    texts = TextStore(stack.client("s3"), stack.outputs["ContentBucketName"], "bodies", ".json")
    table = RecordTable(stack.client("dynamodb"), stack.outputs["TableName"])
    reviews = DynamoReviews(table, BlobStore(texts))
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.outputs["TableName"],
            FilterExpression="begins_with(SK, :league)",
            ExpressionAttributeValues={":league": {"S": "LEAGUE#"}},
        )
    )
    items = [from_wire(item) for page in pages for item in page["Items"]]
    return ranked(combined(row for item in items for row in _rows_with_decisions(item, reviews)))


def _rows_with_decisions(item: dict[str, Any], reviews: DynamoReviews) -> list[LeagueRow]:
    rows = [LeagueRow.model_validate(row) for row in json.loads(item["body"])]
    generation, round_number = item["PK"].split("#")[1], int(item["SK"].split("#")[1])
    try:
        review = reviews.get(review_id(generation, round_number))
    except ReviewMissing:
        return rows
    if review.decision in (Decision.PENDING, Decision.EXPIRED):
        return rows
    verified = [draft.draft for draft in review.drafts if draft.verified]
    return [with_decision(row, verified, review.approved) for row in rows]


def write_json(rows: Sequence[LeagueRow], path: Path) -> None:
    """Write the league as JSON."""
    path.write_text(json.dumps([row.facts() for row in rows], indent=2) + "\n", encoding="utf-8")


def write_plot(rows: Sequence[LeagueRow], path: Path) -> None:
    """Write a plot of quality against cost as SVG."""
    path.write_text(league_plot(rows), encoding="utf-8")


def _group(row: LeagueRow) -> tuple[str, str]:
    return row.kind, row.prompt_set


def _cells(row: LeagueRow) -> tuple[str, ...]:
    shares = row.shares
    is_written = row.outcome == "written"
    return (
        _share_text(shares["verified"]) if is_written else row.outcome,
        _share_text(shares["verified_at_first_try"]),
        str(row.repairs),
        _share_text(shares["mutants_killed"]),
        _percentiles(row),
        f"{row.input_tokens:,} in\n{row.cached_tokens:,} cached\n{row.output_tokens:,} out",
        money(row.cost_micros),
        money(row.micros_per_verified) if row.verified else "–",
    )


def _decision_cells(row: LeagueRow) -> tuple[str, ...]:
    distance = row.edit_distance
    edits = "" if distance is None else f", {percent(distance)} of words"
    return (
        _share_text(row.shares["approved"]),
        _share_text(row.shares["edited"]) + edits,
        money(row.micros_per_approved) if row.approved else "–",
    )


def _share_text(share: Share) -> str:
    if not share.of:
        return "–"
    return f"{share.count}/{share.of} ({share.low * 100:.0f}–{share.high:.0%})"


def _percentiles(row: LeagueRow) -> str:
    if row.seconds_p50 is None or row.seconds_p95 is None:
        return "–"
    return f"{seconds(row.seconds_p50)}, {seconds(row.seconds_p95)}"
