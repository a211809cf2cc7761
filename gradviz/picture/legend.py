"""The legend and the caption below a picture: what its lines, colours and signs mean, and what has just happened.

Only what can be seen is explained. Entries flow into rows as wide as the picture; the caption, with the number of the
step, stands above them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gradviz.picture.card_layout import wrap
from gradviz.picture.colormap import coloured
from gradviz.picture.fonts import text_width
from gradviz.picture.items import Box, Cells, Curve, Item, Polygon, Rect, Text
from gradviz.picture.labels import CUT, CUT_ON_PURPOSE, cut_size
from gradviz.picture.numbers import show_number
from gradviz.picture.scales import Scales
from gradviz.picture.tensors import fine_dash
from gradviz.picture.theme import Theme
from gradviz.picture.visible import Visible
from gradviz.picture.wires import cut_items

_MOST_LINES = 4
_LEAST_WIDTH = 60.0
_LONGEST_WORD = 48
_BAR_STEPS = 161


class Told(NamedTuple):
    """What the caption says: the sentence of the latest frame, and which step it is."""

    sentence: str
    step: str


class Entry(NamedTuple):
    """One sign of the legend and what it means."""

    sign: str
    text: str


def legend_items(
    visible: Visible, told: Told, corner: tuple[float, float], width: float, theme: Theme
) -> tuple[tuple[Item, ...], Rect]:
    """Return the items of caption and legend from `corner` (left, top) on, and the rectangle they fill.

    `width` is that of the picture; the legend is at least as wide as a few entries.
    """
    left, top = corner
    width = max(width, _LEAST_WIDTH * theme.legend_size / 2)
    items: list[Item] = []
    y = top
    for item, height in _caption(told, corner, width, theme):
        items.append(item)
        y = max(y, height)
    rows = _rows(entries(visible), width, theme)
    if rows and items:
        y += 0.75 * theme.spacing
    for row in rows:
        x = left
        y += 1.1 * theme.legend_size
        for entry in row:
            items.extend(_entry_items(entry, x, y, visible.scales, theme))
            x += _entry_width(entry, theme)
        y += 0.9 * theme.legend_size
    return tuple(items), (left, top, width, y - top)


def entries(visible: Visible) -> tuple[Entry, ...]:
    """Return what the legend of a picture says, in order."""
    scales = visible.scales
    told = [
        (visible.has_values, Entry("solid", "value")),
        (visible.has_gradients, Entry("dashed", "gradient")),
        (visible.has_contributions, Entry("share", "contribution of one wire")),
        (visible.has_sums_so_far, Entry("so far", "sum so far")),
        (visible.has_values, Entry("wider", "wider: larger numbers")),
        (visible.has_active_step, Entry("active", "this step")),
        (visible.has_value_cells, Entry("values", f"values {_range(scales.values)}")),
        (visible.has_gradient_cells, Entry("gradients", f"gradients {_range(scales.gradients)}")),
        (visible.has_numbers_off_scale, Entry("off", "beyond the scale")),
        (visible.has_nan, Entry("✕", "not a number")),
        (visible.has_unknown, Entry("unknown", "not computed")),
        (visible.has_no_path, Entry("∅", "no path")),
        (visible.has_ends, Entry(CUT, "nothing is sent")),
        (visible.has_cuts, Entry(CUT_ON_PURPOSE, "cut on purpose")),
        (visible.has_open_ports, Entry("open", "open input")),
        (visible.has_problems, Entry("✗", "problem")),
        (visible.is_stale, Entry("stale", "stale: edited after this run")),
    ]
    return tuple(entry for is_seen, entry in told if is_seen)


def _range(most: float) -> str:
    number = show_number(most)
    return f"−{number} … {number}" if most else "all 0"


def _caption(told: Told, corner: tuple[float, float], width: float, theme: Theme) -> Iterator[tuple[Text, float]]:
    """Yield the lines of the caption with the height they reach down to: the step in bold, then the sentence."""
    x, y = corner
    size, height = theme.legend_size + 1, 1.5 * theme.legend_size
    indent = text_width(told.step, size, weight="semibold") + 1.5 * theme.spacing if told.step else 0.0
    if told.step:
        yield Text(x, y + height / 2, told.step, size, theme.ink, weight="semibold", baseline="middle"), y + height
    sentence = " ".join(_shortened(word) for word in told.sentence.split())
    for row, line in enumerate(wrap(sentence, width - indent, size, _MOST_LINES)):
        bottom = y + (row + 1) * height
        yield Text(x + indent, bottom - height / 2, line, size, theme.ink, baseline="middle"), bottom


def _shortened(word: str) -> str:
    """Return a word, such as the long name of a node, with its middle left out."""
    return word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD // 2]}…{word[-_LONGEST_WORD // 3 :]}"


def _rows(all_entries: tuple[Entry, ...], width: float, theme: Theme) -> list[list[Entry]]:
    rows: list[list[Entry]] = []
    taken = np.inf
    for entry in all_entries:
        needed = _entry_width(entry, theme)
        if taken + needed > width + 3 * theme.spacing:
            rows.append([])
            taken = 0.0
        rows[-1].append(entry)
        taken += needed
    return rows


def _sign_width(entry: Entry, theme: Theme) -> float:
    if entry.sign in (CUT, CUT_ON_PURPOSE):
        return cut_size(theme)[0]
    wide = {"values": 10.0, "gradients": 10.0, "solid": 4.0, "dashed": 4.0, "wider": 4.0, "stale": 4.0}
    return wide.get(entry.sign, 2.0) * theme.spacing


def _entry_width(entry: Entry, theme: Theme) -> float:
    sign = _sign_width(entry, theme)
    return sign + (theme.spacing if sign else 0.0) + text_width(entry.text, theme.legend_size) + 3 * theme.spacing


def _entry_items(entry: Entry, x: float, y: float, scales: Scales, theme: Theme) -> Iterator[Item]:
    """Yield one entry on the line at height y: its sign, then its words."""
    w = _sign_width(entry, theme)
    yield from _sign_items(entry.sign, _Spot(x, y, w), scales, theme)
    left = x + w + (theme.spacing if w else 0.0)
    yield Text(left, y, entry.text, theme.legend_size, theme.muted, baseline="middle")


class _Spot(NamedTuple):
    """Where a sign of the legend goes: its left end, the height of its middle, its width."""

    x: float
    y: float
    w: float


def _sign_items(sign: str, spot: _Spot, scales: Scales, theme: Theme) -> Iterator[Item]:
    """Yield the sign of an entry, drawn as it is in the picture."""
    x, y, w = spot
    match sign:
        case "solid":
            yield Curve(((x, y), (x + w, y)), theme.ink, theme.wire_width, bent=False, head=1.1 * theme.spacing)
        case "dashed" | "stale":
            line = Curve(((x + w, y), (x, y)), theme.gradient, theme.wire_width, bent=False, dash=theme.dash)
            yield replace(line, head=1.1 * theme.spacing, opacity=theme.waiting if sign == "stale" else 1.0)
        case "wider":
            thin, thick = theme.wire_width / 4, theme.wire_width_most / 2
            yield Polygon(((x, y - thin), (x + w, y - thick), (x + w, y + thick), (x, y + thin)), theme.ink)
        case "values":
            yield from _bar(spot, scales.values, theme.muted, theme)
        case "gradients":
            yield from _bar(spot, scales.gradients, theme.gradient, theme)
        case "open":
            r = theme.port_radius
            yield Box(x + w / 2 - r, y - r, 2 * r, 2 * r, theme.card, theme.ink, 1.5 * theme.stroke_width, r)
        case "✗":
            yield Box(x, y - w / 2, w, w, theme.ink, radius=w / 2)
            yield replace(_sign_text(sign, x + w / 2, y, theme), colour=theme.card, weight="semibold")
        case str() if sign in (CUT, CUT_ON_PURPOSE):
            rect = x, y - cut_size(theme)[1] / 2, *cut_size(theme)
            yield from cut_items(rect, theme, is_cut=sign == CUT_ON_PURPOSE)
        case _:
            yield from _framed(sign, spot, theme)


def _framed(sign: str, spot: _Spot, theme: Theme) -> Iterator[Item]:
    """Yield a sign that is, or stands in, a small square."""
    x, y, w = spot
    h = 1.4 * theme.legend_size
    top, middle = y - h / 2, x + w / 2
    frame = Box(x, top, w, h, None, theme.muted, theme.stroke_width, radius=2.0)
    match sign:
        case "active":
            inner = theme.ring_width
            yield Box(x, top + inner / 2, w, h - inner, None, theme.active, inner, radius=theme.radius / 2)
        case "share":
            yield replace(frame, fill=theme.card, stroke=theme.gradient, radius=3.0)
            yield _sign_text("1", middle, y, theme)
        case "so far":
            yield replace(frame, stroke=theme.gradient, width=1.5 * theme.stroke_width, dash=fine_dash(theme))
            yield _sign_text("1", middle, y, theme)
        case "unknown":
            yield replace(frame, dash=fine_dash(theme))
            yield _sign_text("–", middle, y, theme)
        case "off":
            leg = 0.4 * w
            corner = x + w
            yield frame
            yield Polygon(((corner - leg, top), (corner, top), (corner, top + leg)), theme.ink)
        case _:
            yield _sign_text(sign, middle, y, theme)


def _sign_text(text: str, x: float, y: float, theme: Theme) -> Text:
    return Text(x, y, text, theme.legend_size, theme.ink, anchor="middle", baseline="middle")


def _bar(spot: _Spot, limit: float, stroke: str, theme: Theme) -> Iterator[Item]:
    """Yield the colours of a scale from its negative to its positive end."""
    x, y, w = spot
    h = 1.2 * theme.legend_size
    steps = np.linspace(-1.0, 1.0, _BAR_STEPS)[None] * (limit or 1.0)
    colours, _ = coloured(steps, limit, theme)
    yield Cells(x, y - h / 2, w, h, colours)
    yield Box(x, y - h / 2, w, h, None, stroke, theme.stroke_width, radius=2.0)
