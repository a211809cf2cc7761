"""The marks of cells that hold no ordinary number, as items: ✕ for NaN, ∞, and wedges for what is off the scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradviz.picture.colormap import Mark, is_dark
from gradviz.picture.items import Cells, Colour, Curve, Item, Point, Polygon, Text

INK_ON_LIGHT: Colour = "#1B1F24"
INK_ON_DARK: Colour = "#FFFFFF"

_INFINITIES = {Mark.PLUS_INFINITY: "∞", Mark.MINUS_INFINITY: "−∞"}


def mark_items(cells: Cells, least: float = 0.0) -> Iterator[Item]:
    """Yield what marks the cells of a matrix; nothing where a cell's shorter side is under `least` pixels."""
    if cells.marks is None or not cells.colours.size:
        return
    rows, columns = cells.colours.shape[:2]
    w, h = cells.w / columns, cells.h / rows
    if min(w, h) < least:
        return
    dark = is_dark(cells.colours)
    for row, column in np.argwhere(cells.marks != Mark.NONE).tolist():
        middle = cells.x + (column + 0.5) * w, cells.y + (row + 0.5) * h
        ink = INK_ON_DARK if dark[row, column] else INK_ON_LIGHT
        yield from _sign(Mark(cells.marks[row, column]), middle, (w, h), ink, cells.opacity)


def _sign(mark: Mark, middle: Point, size: Point, ink: Colour, opacity: float) -> Iterator[Item]:
    (x, y), (w, h) = middle, size
    side = min(w, h)
    match mark:
        case Mark.NAN:
            r, width = 0.28 * side, max(0.6, 0.1 * side)
            yield Curve(((x - r, y - r), (x + r, y + r)), ink, width, bent=False, opacity=opacity)
            yield Curve(((x - r, y + r), (x + r, y - r)), ink, width, bent=False, opacity=opacity)
        case Mark.PLUS_INFINITY | Mark.MINUS_INFINITY:
            text = _INFINITIES[mark]
            fitting = min(0.9 * h, 0.9 * w / (0.6 * len(text)))
            yield Text(x, y, text, fitting, ink, family="mono", anchor="middle", baseline="middle", opacity=opacity)
        case Mark.ABOVE:
            right, top, leg = x + w / 2, y - h / 2, 0.4 * side
            yield Polygon(((right - leg, top), (right, top), (right, top + leg)), ink, opacity=opacity)
        case _:
            right, bottom, leg = x + w / 2, y + h / 2, 0.4 * side
            yield Polygon(((right - leg, bottom), (right, bottom), (right, bottom - leg)), ink, opacity=opacity)
