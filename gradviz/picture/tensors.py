"""Tensors in chips: a number, cells with numbers on the colours of their signs, or a heatmap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradviz.graph import NodeId, Port
from gradviz.ops import Array
from gradviz.picture.colormap import coloured, is_dark
from gradviz.picture.fonts import text_width
from gradviz.picture.items import Box, Cells, Curve, Item, Text
from gradviz.picture.numbers import show_number, show_shape
from gradviz.picture.tensor_layout import MOST_CELLS, TensorLayout, tight_layout, travelling_layout
from gradviz.picture.theme import Theme

_PLAIN = re.compile("[−0-9.]*")
"""Numbers without an exponent."""


@dataclass(frozen=True)
class Chip:
    """How a chip looks apart from its tensor: its upper left corner, its layout, and what it stands for.

    `limit` is the magnitude that has the full colour. `stroke` colours the frame, dashed where the sum is not whole.
    """

    x: float
    y: float
    layout: TensorLayout
    theme: Theme
    limit: float
    stroke: str
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    node: NodeId | None = None
    port: Port | None = None

    def frame(self, fill: str | None = None, *, dash: tuple[float, ...] | None = None) -> Box:
        """Return the outline of the chip."""
        return Box(
            self.x,
            self.y,
            self.layout.w,
            self.layout.h,
            fill=fill,
            stroke=self.stroke,
            width=self.width,
            radius=2.0,
            dash=self.dash if dash is None else dash,
            opacity=self.opacity,
            node=self.node,
            port=self.port,
        )

    def text(self, text: str, colour: str, size: float, x: float | None = None, y: float | None = None) -> Text:
        """Return a text centred at (x, y), or in the middle of the chip."""
        return Text(
            self.x + self.layout.w / 2 if x is None else x,
            self.y + self.layout.h / 2 if y is None else y,
            text,
            size,
            colour,
            family="mono",
            anchor="middle",
            baseline="middle",
            opacity=self.opacity,
            node=self.node,
            port=self.port,
        )


def fine_dash(theme: Theme) -> tuple[float, float]:
    """Return the dash of outlines around what is not there yet."""
    return 0.375 * theme.spacing, 0.375 * theme.spacing


def chip_items(chip: Chip, array: Array) -> Iterator[Item]:
    """Yield what shows a tensor in a chip of the layout for its shape."""
    layout = chip.layout
    if layout.kind == "empty":
        yield chip.frame(dash=fine_dash(chip.theme))
        yield _fitted(chip, f"empty {show_shape(array.shape)}", chip.theme.muted, chip.theme.cell_size)
    elif layout.kind == "number" or array.ndim == 0:
        yield chip.frame(chip.theme.card)
        size = min(float(chip.theme.number_size), 0.58 * layout.h)
        yield replace(_fitted(chip, cell_text(array), chip.theme.ink, size), room=layout.w)
    else:
        yield from _sheets(chip, array)
        yield chip.frame()


def placeholder_items(chip: Chip, mark: str) -> Iterator[Item]:
    """Yield an empty chip with a mark: a dash where nothing is computed yet, ∅ where no path leads."""
    yield chip.frame(dash=fine_dash(chip.theme))
    yield chip.text(mark, chip.theme.muted, chip.theme.number_size)


def cell_text(value: Array) -> str:
    """Return a number as it stands in a cell; NaN has its mark beside it."""
    text = show_number(value)
    return f"✕ {text}" if text == "NaN" else text


def layout_on_the_way(array: Array, theme: Theme) -> TensorLayout:
    """Return the layout of a tensor that travels along a wire, as narrow as its numbers allow."""
    if array.size > MOST_CELLS:
        return travelling_layout(array.shape, theme)
    longest = max((text_width(cell_text(value), 1.0, "mono") for value in array.ravel()), default=0.0)
    return tight_layout(array.shape, theme, longest)


def _fitted(chip: Chip, text: str, colour: str, size: float) -> Text:
    """Return a text in the middle of the chip, set smaller where it would not fit."""
    room = chip.layout.w - chip.theme.spacing
    width = text_width(text, size, "mono")
    return chip.text(text, colour, size * min(1.0, room / width) if width else size)


def _sheets(chip: Chip, array: Array) -> Iterator[Item]:
    layout = chip.layout
    sheets = array.reshape(*layout.grid, *layout.sheet)
    for row in range(layout.shown[0]):
        for column in range(layout.shown[1]):
            x = chip.x + column * (layout.sheet_w + layout.gap)
            y = chip.y + row * (layout.sheet_h + layout.gap)
            yield from _sheet(chip, sheets[row, column], x, y)
    if layout.more_w:
        yield chip.text("…", chip.theme.muted, chip.theme.cell_size, x=chip.x + layout.w - layout.more_w / 2)
    if layout.more_h:
        middle = chip.x + (layout.w - layout.more_w) / 2
        yield chip.text("…", chip.theme.muted, chip.theme.cell_size, middle, chip.y + layout.h - layout.more_h / 2)


def _sheet(chip: Chip, sheet: Array, x: float, y: float) -> Iterator[Item]:
    layout = chip.layout
    shown = sheet if layout.kind == "cells" else thumbnail(sheet, int(2 * layout.sheet_h), int(2 * layout.sheet_w))
    colours, marks = coloured(shown, chip.limit, chip.theme)
    is_heatmap = layout.kind == "heatmap"
    yield Cells(
        x,
        y,
        layout.sheet_w,
        layout.sheet_h,
        colours,
        marks if is_heatmap and marks.any() else None,
        opacity=chip.opacity,
        node=chip.node,
        port=chip.port,
    )
    if not is_heatmap:
        yield from _rules(chip, x, y)
        yield from _numbers(chip, sheet, colours, x, y)


def _rules(chip: Chip, x: float, y: float) -> Iterator[Item]:
    """Yield the thin lines between the cells of a sheet."""
    (rows, columns), (w, h) = chip.layout.sheet, (chip.layout.sheet_w, chip.layout.sheet_h)
    lines = [((x, y + h * row / rows), (x + w, y + h * row / rows)) for row in range(1, rows)]
    lines += [((x + w * column / columns, y), (x + w * column / columns, y + h)) for column in range(1, columns)]
    for line in lines:
        yield Curve(line, chip.theme.card, bent=False, opacity=chip.opacity, node=chip.node, port=chip.port)


def _numbers(chip: Chip, sheet: Array, colours: NDArray[np.uint8], x: float, y: float) -> Iterator[Item]:
    """Yield the numbers in the cells of a sheet, all in one size that fits the longest of the tensor's.

    Where a column has room for it, its decimal points stand one below the other.
    """
    rows, columns = chip.layout.sheet
    w, h = chip.layout.sheet_w / columns, chip.layout.sheet_h / rows
    texts = [[cell_text(value) for value in row] for row in sheet.tolist()]
    figure = text_width("0", 1.0, "mono")
    room = (w - 0.5 * chip.theme.spacing) / figure
    longest = max((len(text) for row in texts for text in row), default=1)
    size = min(float(chip.theme.cell_size), room / longest)
    dark = is_dark(colours).tolist()
    inks = ink_on(chip.theme, is_dark=False), ink_on(chip.theme, is_dark=True)
    shifts = [_shifts(column, room / size) for column in zip(*texts, strict=True)]
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            middle = x + (j + 0.5) * w + shifts[j][i] * figure * size
            yield chip.text(text, inks[dark[i][j]], size, middle, y + (i + 0.5) * h)


def _shifts(texts: Sequence[str], room: float) -> Sequence[float]:
    """Return how many figures the numbers of a column move to the right, so that their points are in line.

    All of them stay in the middle where there is no room, in figures, or where one of them has an exponent or none.
    """
    whole = [text.partition(".") for text in texts]
    befores, afters = [len(before) for before, _, _ in whole], [len(point + after) for _, point, after in whole]
    before, after = max(befores), max(afters)
    if before + after > room or not _PLAIN.fullmatch("".join(texts)):
        return [0.0] * len(texts)
    return [(before - after - each + rest) / 2 for each, rest in zip(befores, afters, strict=True)]


def ink_on(theme: Theme, *, is_dark: bool) -> str:
    """Return the theme's ink or paper, whichever can be read on a dark or a light ground."""
    return theme.background if theme.is_dark != is_dark else theme.ink


def thumbnail(sheet: Array, rows: int, columns: int) -> Array:
    """Return a matrix in at most so many rows and columns: of each block the number of largest magnitude.

    NaN wins over everything, so that it is never hidden.
    """
    if sheet.shape[0] <= rows and sheet.shape[1] <= columns:
        return sheet
    numbers = sheet.astype(np.float64, copy=False)
    for axis, most in ((0, rows), (1, columns)):
        length = numbers.shape[axis]
        if length > most:
            starts = np.arange(most) * length // most
            high = np.maximum.reduceat(numbers, starts, axis=axis)
            low = np.minimum.reduceat(numbers, starts, axis=axis)
            numbers = np.where(np.isnan(high) | (high >= -low), high, low)
    return np.asarray(numbers)
