"""Draws quality against cost: one picture that a screen reader, a printer and both themes read."""

from collections.abc import Iterable
from html import escape

from coursewright.domain.base import Record
from coursewright.domain.league import LeagueRow
from coursewright.markup.formatting import model_name, money, percent
from coursewright.markup.i18n import N_, _

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 40, 56
LANE = 148  # for models whose price is unknown
LETTER, LINE = 8, 17
MARK = 6


class Mark(Record):
    """One model on the plot: where it stands, and its words."""

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
    """Return the SVG of verified drafts against the cost of one; nothing where nothing was written.

    Lines of the current colour and words beside every mark: no meaning rests on colour.
    """
    shown = tuple(row for row in rows if row.drafts)
    if not shown:
        return ""
    costs = [row.micros_per_verified for row in shown]
    most = _round_up(max((cost for cost in costs if cost is not None), default=1))
    has_lane = None in costs
    right = WIDTH - RIGHT - (LANE if has_lane else 0)
    is_mixed = len({row.kind for row in shown}) > 1
    marks = _apart([_mark(row, most, right, is_mixed=is_mixed) for row in shown])
    parts = [_axes(most, right, has_lane=has_lane), *(_drawn(mark) for mark in marks)]
    summary = ". ".join(f"{mark.name}: {mark.detail}" for mark in marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="league-plot-title league-plot-desc" class="plot"'
        ' font-family="system-ui, sans-serif" font-size="13" fill="currentColor">'
        f'<title id="league-plot-title">{escape(_("Quality and cost"))}</title>'
        f'<desc id="league-plot-desc">{escape(summary)}.</desc>' + "".join(parts) + "</svg>\n"
    )


def _mark(row: LeagueRow, most: int, right: float, *, is_mixed: bool) -> Mark:
    quality = row.shares["verified"]
    cost = row.micros_per_verified
    x = right + LANE / 2 + 12 if cost is None else LEFT + cost / most * (right - LEFT)
    name = model_name(row.model) + (f" ({row.kind})" if is_mixed else "")
    edge = WIDTH if cost is None else right + RIGHT
    is_right = x + MARK + 6 + len(name) * LETTER > edge
    return Mark(
        x=x,
        y=_height(quality.value or 0),
        low=_height(quality.low),
        high=_height(quality.high),
        label_x=x - MARK - 6 if is_right else x + MARK + 6,
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
        said = N_("%(count)s of %(of)s verified (95 %%: %(low)s to %(high)s), %(price)s each")
    else:
        said = N_("%(count)s of %(of)s verified (95 %%: %(low)s to %(high)s), no draft verified")
    return _(said, **placeholders)


def _apart(marks: list[Mark]) -> list[Mark]:
    """Move words down until none of them stands on other words or on a mark."""
    placed: list[Mark] = []
    for mark in sorted(marks, key=lambda one: (one.label_y, -one.x)):
        y = mark.label_y
        while any(_meets_words(mark, y, one) for one in placed) or any(
            _meets_mark(mark, y, one) for one in marks
        ):
            y += 1
        placed.append(mark.model_copy(update={"label_y": y}))
    return placed


def _meets_words(mark: Mark, y: float, other: Mark) -> bool:
    (left, right), (start, end) = _span(mark), _span(other)
    return abs(y - other.label_y) < LINE and left < end and start < right


def _meets_mark(mark: Mark, y: float, other: Mark) -> bool:
    left, right = _span(mark)
    return left < other.x + MARK and other.x - MARK < right and abs(y - 4 - other.y) < MARK + 7


def _span(mark: Mark) -> tuple[float, float]:
    length = len(mark.name) * LETTER
    if mark.anchor == "end":
        return mark.label_x - length, mark.label_x
    return mark.label_x, mark.label_x + length


def _drawn(mark: Mark) -> str:
    x, y = f"{mark.x:.1f}", f"{mark.y:.1f}"
    return (
        f"<g><title>{escape(f'{mark.name}: {mark.detail}')}</title>"
        f'<path d="M{x} {mark.low:.1f}V{mark.high:.1f}" stroke="currentColor" opacity=".45"/>'
        f'<circle cx="{x}" cy="{y}" r="{MARK}"/>'
        f'<text x="{mark.label_x:.1f}" y="{mark.label_y:.1f}" text-anchor="{mark.anchor}"'
        f' font-weight="600">{escape(mark.name)}</text></g>'
    )


def _axes(most: int, right: float, *, has_lane: bool) -> str:
    floor = HEIGHT - BOTTOM
    lines = [f'<path d="M{LEFT} {TOP}V{floor}H{right:.1f}" fill="none" stroke="currentColor"/>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _height(share)
        if share:
            lines.append(f'<path d="M{LEFT} {y}H{right}" stroke="currentColor" opacity=".15"/>')
        lines.append(_text(LEFT - 8, y + 4, percent(share), anchor="end"))
    for part in (0.0, 0.5, 1.0):
        x = LEFT + part * (right - LEFT)
        lines.append(_text(x, floor + 20, money(round(part * most)), anchor="middle"))
    lines.append(_text((LEFT + right) / 2, HEIGHT - 12, _("Cost per verified draft")))
    lines.append(_text(LEFT - 48, TOP - 18, _("Verified drafts"), anchor="start"))
    if has_lane:
        lines.append(
            f'<path d="M{right + 24} {TOP}V{floor}" stroke="currentColor" stroke-dasharray="3 4"/>'
        )
        lines.append(_text(WIDTH, floor + 20, _("cost unknown"), anchor="end"))
    return "".join(lines)


def _text(x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _height(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _round_up(micros: int) -> int:
    """Return the next amount that begins with 1, 2 or 5, so that the axis has plain numbers."""
    step = 1
    while True:
        for first in (1, 2, 5):
            if first * step >= micros:
                return first * step
        step *= 10
