"""Draws the plot of quality against cost for screen readers, print and both colour themes."""

from collections.abc import Iterable
from html import escape

from coursewright.domain.base import Record
from coursewright.domain.league import LeagueRow
from coursewright.markup.formatting import model_name, money, percent
from coursewright.markup.i18n import N_, _

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 40, 56
UNKNOWN_COST_WIDTH = 148  # on the right, for models whose price is unknown
CHAR_WIDTH, LINE_HEIGHT = 8, 17
MARKER_RADIUS = 6


class Marker(Record):
    """One model on the plot, with its label."""

    x: float
    y: float
    low: float
    high: float
    label_x: float
    label_y: float
    anchor: str
    name: str
    detail: str


def league_plot(rows: Iterable[LeagueRow]) -> str:
    """Return an SVG plot of the share of verified drafts against cost; empty without drafts.

    It uses the current text colour and labels every marker, so that no meaning depends on colour.
    """
    plotted = tuple(row for row in rows if row.drafts)
    if not plotted:
        return ""
    costs = [row.micros_per_verified for row in plotted]
    max_cost = _round_up(max((cost for cost in costs if cost is not None), default=1))
    has_unknown = None in costs
    right = WIDTH - RIGHT - (UNKNOWN_COST_WIDTH if has_unknown else 0)
    is_mixed = len({row.kind for row in plotted}) > 1
    markers = _separate_labels(
        [_marker(row, max_cost, right, is_mixed=is_mixed) for row in plotted]
    )
    parts = [
        _axes(max_cost, right, has_unknown=has_unknown),
        *(_marker_svg(marker) for marker in markers),
    ]
    summary = ". ".join(f"{marker.name}: {marker.detail}" for marker in markers)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="league-plot-title league-plot-desc" class="plot"'
        ' font-family="system-ui, sans-serif" font-size="13" fill="currentColor">'
        f'<title id="league-plot-title">{escape(_("Quality and cost"))}</title>'
        f'<desc id="league-plot-desc">{escape(summary)}.</desc>' + "".join(parts) + "</svg>\n"
    )


def _marker(row: LeagueRow, max_cost: int, right: float, *, is_mixed: bool) -> Marker:
    quality = row.shares["verified"]
    cost = row.micros_per_verified
    x = (
        right + UNKNOWN_COST_WIDTH / 2 + 12
        if cost is None
        else LEFT + cost / max_cost * (right - LEFT)
    )
    name = model_name(row.model) + (f" ({row.kind})" if is_mixed else "")
    edge = WIDTH if cost is None else right + RIGHT
    is_right = x + MARKER_RADIUS + 6 + len(name) * CHAR_WIDTH > edge
    return Marker(
        x=x,
        y=_height(quality.value or 0),
        low=_height(quality.low),
        high=_height(quality.high),
        label_x=x - MARKER_RADIUS - 6 if is_right else x + MARKER_RADIUS + 6,
        label_y=_height(quality.value or 0) + 4,
        anchor="end" if is_right else "start",
        name=name,
        detail=_detail(row),
    )


def _detail(row: LeagueRow) -> str:
    quality = row.shares["verified"]
    placeholders = {
        "count": quality.count,
        "of": quality.of,
        "low": percent(quality.low),
        "high": percent(quality.high),
        "price": money(row.micros_per_verified),
    }
    if row.verified:
        message = N_(
            "%(count)s of %(of)s verified (95%% interval: %(low)s–%(high)s), %(price)s each"
        )
    else:
        message = N_(
            "%(count)s of %(of)s verified (95%% interval: %(low)s–%(high)s), no price per draft"
        )
    return _(message, **placeholders)


def _separate_labels(markers: list[Marker]) -> list[Marker]:
    """Move labels down until none of them overlaps another label or a marker."""
    placed: list[Marker] = []
    for marker in sorted(markers, key=lambda marker: (marker.label_y, -marker.x)):
        y = marker.label_y
        while any(_overlaps_label(marker, y, other) for other in placed) or any(
            _overlaps_marker(marker, y, other) for other in markers
        ):
            y += 1
        placed.append(marker.model_copy(update={"label_y": y}))
    return placed


def _overlaps_label(marker: Marker, y: float, other: Marker) -> bool:
    (left, right), (start, end) = _label_span(marker), _label_span(other)
    return abs(y - other.label_y) < LINE_HEIGHT and left < end and start < right


def _overlaps_marker(marker: Marker, y: float, other: Marker) -> bool:
    left, right = _label_span(marker)
    is_beside = left < other.x + MARKER_RADIUS and other.x - MARKER_RADIUS < right
    return is_beside and abs(y - 4 - other.y) < MARKER_RADIUS + 7


def _label_span(marker: Marker) -> tuple[float, float]:
    length = len(marker.name) * CHAR_WIDTH
    if marker.anchor == "end":
        return marker.label_x - length, marker.label_x
    return marker.label_x, marker.label_x + length


def _marker_svg(marker: Marker) -> str:
    x, y = f"{marker.x:.1f}", f"{marker.y:.1f}"
    return (
        f"<g><title>{escape(f'{marker.name}: {marker.detail}')}</title>"
        f'<path d="M{x} {marker.low:.1f}V{marker.high:.1f}" stroke="currentColor" opacity=".45"/>'
        f'<circle cx="{x}" cy="{y}" r="{MARKER_RADIUS}"/>'
        f'<text x="{marker.label_x:.1f}" y="{marker.label_y:.1f}" text-anchor="{marker.anchor}"'
        f' font-weight="600">{escape(marker.name)}</text></g>'
    )


def _axes(max_cost: int, right: float, *, has_unknown: bool) -> str:
    floor = HEIGHT - BOTTOM
    lines = [f'<path d="M{LEFT} {TOP}V{floor}H{right:.1f}" fill="none" stroke="currentColor"/>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _height(share)
        if share:
            lines.append(f'<path d="M{LEFT} {y}H{right}" stroke="currentColor" opacity=".15"/>')
        lines.append(_text(LEFT - 8, y + 4, percent(share), anchor="end"))
    for part in (0.0, 0.5, 1.0):
        x = LEFT + part * (right - LEFT)
        lines.append(_text(x, floor + 20, money(round(part * max_cost)), anchor="middle"))
    lines.append(_text((LEFT + right) / 2, HEIGHT - 12, _("Cost per verified draft")))
    lines.append(_text(LEFT - 48, TOP - 18, _("Verified drafts"), anchor="start"))
    if has_unknown:
        lines.append(
            f'<path d="M{right + 24} {TOP}V{floor}" stroke="currentColor" stroke-dasharray="3 4"/>'
        )
        lines.append(_text(WIDTH, floor + 20, _("cost unknown"), anchor="end"))
    return "".join(lines)


def _text(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _height(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _round_up(micros: int) -> int:
    """Round up to an amount that starts with 1, 2 or 5, to give the axis round numbers."""
    step = 1
    while True:
        for first in (1, 2, 5):
            if first * step >= micros:
                return first * step
        step *= 10
