"""The callout at an op: the rule that works there, as a formula and, for single numbers, with the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradviz.picture.fonts import shorten, text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Box, Item, Polygon, Rect, Text
from gradviz.picture.rules import RuleText
from gradviz.picture.theme import Theme

_MOST_WIDTH = 60
"""The widest formula, in multiples of the spacing."""

_BEYOND = 7.0
"""How far a callout may lie outside the graph, in multiples of the spacing."""


def callout_items(
    rule: RuleText,
    card: Rect,
    geometry: Geometry,
    theme: Theme,
    opacity: float,
    *,
    before: Sequence[RuleText] = (),
) -> Iterator[Item]:
    """Yield the callout above a card or below it, wherever it hides no other card.

    Rules that run `before` stand above the rule, each with its numbers.
    """
    if opacity <= 0 or not rule.formula:
        return
    s, most = theme.spacing, _MOST_WIDTH * theme.spacing
    lines = _all_lines((*before, rule), most, theme)
    row = 1.7 * theme.title_size
    w, h = max(text.x + text.length for text in lines) + 1.5 * s, len({text.y for text in lines}) * row + s
    x, y, is_above = _place(card, w, h, geometry, theme)
    yield from _balloon((x, y, w, h), card, theme, opacity, is_above=is_above)
    for text in lines:
        yield replace(text, x=x + text.x, y=y + 0.5 * s + (text.y + 0.5) * row, opacity=opacity)


def _all_lines(rules: Sequence[RuleText], most: float, theme: Theme) -> tuple[Text, ...]:
    """Return the lines of several rules, one below the other, their formulas in line; y counts rows."""
    blocks = [_lines(rule, most, theme) for rule in rules]
    left, row = max(block[1].x for block in blocks), 0.0
    texts: list[Text] = []
    for heading, *others in blocks:
        shift = left - others[0].x
        texts += [replace(heading, y=row), *(replace(text, x=text.x + shift, y=row + text.y) for text in others)]
        row += 1 + max(text.y for text in others)
    return tuple(texts)


def _lines(rule: RuleText, most: float, theme: Theme) -> tuple[Text, ...]:
    """Return heading, formula and what g is in a row, and the formula with numbers below; y counts rows."""
    left, s = 1.5 * theme.spacing, theme.spacing
    heading = Text(left, 0, shorten(rule.heading, most / 2, theme.note_size), theme.note_size, theme.muted)
    left += heading.length + s
    shown = shorten(rule.formula, most, theme.title_size, weight="semibold")
    formula = Text(left, 0, shown, theme.title_size, theme.ink, weight="semibold")
    texts = [heading, formula]
    if rule.legend:
        shown = shorten(rule.legend, most / 2, theme.note_size)
        texts.append(Text(left + formula.length + 2 * s, 0, shown, theme.note_size, theme.gradient))
    for row, line in enumerate(_worked_lines(rule.worked, most, theme), 1):
        shown = shorten(line, most, theme.number_size, "mono")
        texts.append(Text(left, row, shown, theme.number_size, theme.ink, family="mono"))
    return tuple(replace(text, baseline="middle") for text in texts)


def _worked_lines(worked: str, most: float, theme: Theme) -> tuple[str, ...]:
    """Return a formula with its numbers, in two lines where it is wide: what comes of it is never cut off."""
    if not worked:
        return ()
    if text_width(worked, theme.number_size, "mono") <= most:
        return (worked,)
    numbers, _, result = worked.rpartition(" = ")
    return numbers, f"= {result}"


def _place(card: Rect, w: float, h: float, geometry: Geometry, theme: Theme) -> tuple[float, float, bool]:
    """Return where a callout of a size goes, and whether that is above its card.

    It stays near the graph, so that a view that shows the whole graph shows it too.
    """
    x, y, width, height = card
    first, top, wide, tall = geometry.bounds()
    left = max(min(x + width / 2 - w / 2, first + wide - w), first - theme.spacing)
    gap = 1.75 * theme.spacing
    above, below = y - gap - h, y + height + gap
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
