"""A product that loses the axes along which broadcasting had stretched a tensor: its cells fall together and add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradviz.ops import Array, Shape
from gradviz.picture.colormap import coloured, is_dark
from gradviz.picture.fonts import text_width
from gradviz.picture.items import Cells, Item
from gradviz.picture.tensor_layout import TensorLayout
from gradviz.picture.tensors import Chip, cell_text, chip_items, fine_dash, ink_on
from gradviz.picture.theme import Theme

Directions = tuple[bool, bool, bool, bool]
"""Whether a layout shrinks along its grid's rows and columns, and along its sheets' rows and columns."""


def directions(shape: Shape, axes: tuple[int, ...], layout: TensorLayout) -> Directions:
    """Return along which directions of its layout a tensor shrinks when `axes` are summed."""
    found = [False, False, False, False]
    for axis in axes:
        from_end = len(shape) - axis % len(shape)
        if from_end == 1:
            found[3] = True
        elif from_end == 2:
            found[2] = True
        elif from_end == 3:
            found[0 if layout.grid[1] == 1 else 1] = True
        else:
            found[0] = True
    return found[0], found[1], found[2], found[3]


def collapsing_items(
    chip: Chip, raw: Array, axes: tuple[int, ...], progress: float, *, ghost: float = 1.0
) -> Iterator[Item]:
    """Yield a tensor on its way to the sum over `axes`: whole at progress 0, one upon the other at 1.

    Cells that others come to lie upon have the opacity `ghost`, of which a copy has less than one.
    """
    if chip.layout.kind == "cells":
        yield from _sliding_cells(chip, raw, directions(raw.shape, axes, chip.layout), progress, ghost)
    elif chip.layout.kind == "heatmap":
        w, h = collapsed_size(chip.layout, directions(raw.shape, axes, chip.layout), progress)
        yield from _pressed(chip, raw, w, h)
    else:
        yield from chip_items(chip, raw)


def collapsed_size(layout: TensorLayout, along: Directions, progress: float) -> tuple[float, float]:
    """Return width and height of a layout that has shrunk along some directions, down to one cell or sheet."""
    rows, columns = layout.sheet
    w = layout.sheet_w / (columns if along[3] else 1) + (0.0 if along[1] else layout.w - layout.sheet_w)
    h = layout.sheet_h / (rows if along[2] else 1) + (0.0 if along[0] else layout.h - layout.sheet_h)
    return layout.w + (w - layout.w) * progress, layout.h + (h - layout.h) * progress


def _pressed(chip: Chip, raw: Array, w: float, h: float) -> Iterator[Item]:
    """Yield a heatmap pressed to a size, about its middle."""
    layout = chip.layout
    x, y = chip.x + (layout.w - w) / 2, chip.y + (layout.h - h) / 2
    across, down = w / layout.w, h / layout.h
    for item in chip_items(chip, raw):
        if isinstance(item, Cells):
            left, top = x + (item.x - chip.x) * across, y + (item.y - chip.y) * down
            yield replace(item, x=left, y=top, w=item.w * across, h=item.h * down)
    yield replace(chip.frame(), x=x, y=y, w=w, h=h)


def _sliding_cells(chip: Chip, raw: Array, along: Directions, progress: float, ghost: float) -> Iterator[Item]:
    """Yield every cell by itself, slid towards the first of those that it is added to, or that it is a copy of."""
    layout, theme = chip.layout, chip.theme
    w, h = layout.sheet_w / layout.sheet[1], layout.sheet_h / layout.sheet[0]
    wide, high = collapsed_size(layout, along, progress)
    left, top = chip.x + (layout.w - wide) / 2, chip.y + (layout.h - high) / 2
    keep = [1.0 - progress if shrinks else 1.0 for shrinks in along]
    steps = (layout.sheet_h + layout.gap, layout.sheet_w + layout.gap, h, w)
    cells = raw.reshape(*layout.grid, *layout.sheet)
    colours, _ = coloured(cells, chip.limit, theme)
    size = _number_size(chip, raw, w)
    for index in sorted(np.ndindex(cells.shape), reverse=True):
        at = [i * share * step for i, share, step in zip(index, keep, steps, strict=True)]
        cell = replace(chip, x=left + at[1] + at[3], y=top + at[0] + at[2], layout=_one_cell(w, h))
        is_copy = ghost < 1.0 and any(i and shrinks for i, shrinks in zip(index, along, strict=True))
        opacity = chip.opacity * (ghost if is_copy else 1.0)
        yield Cells(cell.x, cell.y, w, h, colours[index].reshape(1, 1, 3), opacity=opacity)
        yield replace(cell, stroke=theme.muted, dash=fine_dash(theme)).frame() if is_copy else cell.frame()
        is_seen = ghost < 1.0 and not is_copy
        fade = opacity * (1.0 if is_seen else max(0.0, 1.0 - 1.5 * progress))
        yield replace(cell, opacity=fade).text(cell_text(cells[index]), _ink(colours[index], theme), size)


def _number_size(chip: Chip, raw: Array, width: float) -> float:
    longest = max((text_width(cell_text(value), 1.0, "mono") for value in raw.ravel()), default=1.0)
    return min(float(chip.theme.cell_size), (width - 0.5 * chip.theme.spacing) / longest)


def _one_cell(w: float, h: float) -> TensorLayout:
    return TensorLayout("cells", w, h, sheet_w=w, sheet_h=h)


def _ink(colour: Array, theme: Theme) -> str:
    return ink_on(theme, is_dark=bool(is_dark(colour)))
