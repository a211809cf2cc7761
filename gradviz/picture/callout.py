"""The callout at an op: the rule that works there, as a formula and, for single numbers, with the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.picture.fonts import shorten, text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Box, Item, Polygon, Rect, Text
from gradviz.picture.rules import RuleText
from gradviz.picture.theme import Theme

_MOST_WIDTH = 60
"""The widest formula, in multiples of the spacing."""

_BEYOND = 7.0
"""How far a callout may lie outside the graph, in multiples of the spacing."""


def callout_items(rule: RuleText, card: Rect, geometry: Geometry, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield the callout above a card or below it, wherever it hides no other card."""
    if opacity <= 0 or not rule.formula:
        return
    s, most = theme.spacing, _MOST_WIDTH * theme.spacing
    heading = shorten(rule.heading, most / 2, theme.note_size)
    formula = shorten(rule.formula, most, theme.title_size, weight="semibold")
    worked = shorten(rule.worked, most, theme.number_size, "mono")
    indent = text_width(heading, theme.note_size) + s
    first = indent + text_width(formula, theme.title_size, weight="semibold")
    w = max(first, indent + text_width(worked, theme.number_size, "mono") if worked else 0.0) + 3 * s
    row = 1.7 * theme.title_size
    h = (2 if worked else 1) * row + s
    x, y, is_above = _place(card, w, h, geometry, theme)
    yield from _balloon((x, y, w, h), card, theme, opacity, is_above=is_above)
    left, middle = x + 1.5 * s, y + 0.5 * s + row / 2
    yield Text(left, middle, heading, theme.note_size, theme.muted, baseline="middle", opacity=opacity)
    left += indent
    yield Text(
        left, middle, formula, theme.title_size, theme.ink, weight="semibold", baseline="middle", opacity=opacity
    )
    if worked:
        middle += row
        yield Text(
            left, middle, worked, theme.number_size, theme.ink, family="mono", baseline="middle", opacity=opacity
        )


def _place(card: Rect, w: float, h: float, geometry: Geometry, theme: Theme) -> tuple[float, float, bool]:
    """Return where a callout of a size goes, and whether that is above its card.

    It stays near the graph, so that a view that shows the whole graph shows it too.
    """
    x, y, width, height = card
    left, gap = x + width / 2 - w / 2, 1.75 * theme.spacing
    above, below = y - gap - h, y + height + gap
    _, top, _, tall = geometry.bounds()
    has_room_above = above >= top - _BEYOND * theme.spacing
    has_room_below = below + h <= top + tall + _BEYOND * theme.spacing
    if has_room_above and not geometry.nodes_in(left, above, w, h):
        return left, above, True
    if has_room_below and not geometry.nodes_in(left, below, w, h):
        return left, below, False
    return (left, above, True) if has_room_above else (left, below, False)


def _balloon(rect: Rect, card: Rect, theme: Theme, opacity: float, *, is_above: bool) -> Iterator[Item]:
    """Yield the ground of a callout, with a tip that points at the card."""
    x, y, w, h = rect
    middle, half = card[0] + card[2] / 2, theme.spacing
    edge, tip = (y + h, card[1] - theme.ring_width) if is_above else (y, card[1] + card[3] + theme.ring_width)
    yield Box(x, y, w, h, theme.card, theme.active, 2 * theme.stroke_width, theme.radius, opacity=opacity)
    points = ((middle - half, edge), (middle + half, edge), (middle, tip))
    yield Polygon(points, theme.active, opacity=opacity)
