"""How a tensor of some shape is laid out in a chip: as a number, as cells with numbers, or as a heatmap.

The last two axes are rows and columns of a sheet; the axes before them lay sheets out as a grid, so that a tensor of
any rank is a flat picture. A vector is a row. Everything follows from the shape alone: a chip has its size before
there is anything to show in it, and keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Literal, NamedTuple

from gradviz.ops import Shape
from gradviz.picture.theme import Theme

Kind = Literal["unknown", "empty", "number", "cells", "heatmap"]

_MOST_SHEETS = 4
_MOST_ROWS = 6
MOST_CELLS = 16
"""The most numbers of a tensor that are written out."""

_MOST_STRETCH = 1.6


class _Room(NamedTuple):
    """How much room a chip may take: sizes as multiples of the number size (first two) or the spacing."""

    number_w: float
    number_h: float
    most_numbers: int
    most_columns: int
    heatmap_w: float
    heatmap_h: float
    cell: float
    gap: float


_ON_CARD = _Room(6.5, 2.4, MOST_CELLS, 6, 16.0, 12.0, 2.0, 0.5)
_ON_WIRE = _Room(4.4, 1.6, 0, 0, 6.0, 4.5, 1.75, 0.25)
_ON_THE_WAY = _Room(5.5, 2.0, 8, 3, 10.0, 8.0, 1.75, 0.5)
_WIDEST_ON_THE_WAY = 17.0
"""The widest cells with numbers that travel, in multiples of the spacing: they fit between two cards."""


@dataclass(frozen=True)
class TensorLayout:
    """Where the cells of a tensor go; lengths in pixels at 100 %.

    `grid` is how many sheets stand below and beside each other, of which `shown` are drawn; `sheet` is the number of
    rows and columns of each, and (`sheet_w`, `sheet_h`) its size. `more_w` and `more_h` are room for the dots that
    stand for sheets left out.
    """

    kind: Kind
    w: float
    h: float
    grid: tuple[int, int] = (1, 1)
    shown: tuple[int, int] = (1, 1)
    sheet: tuple[int, int] = (1, 1)
    sheet_w: float = 0.0
    sheet_h: float = 0.0
    gap: float = 0.0
    more_w: float = 0.0
    more_h: float = 0.0


@lru_cache(maxsize=1 << 12)
def tensor_layout(shape: Shape | None, theme: Theme) -> TensorLayout:
    """Return the layout of a tensor of this shape on a card; None stands for a shape that is not known."""
    return _layout(shape, theme, _ON_CARD)


@lru_cache(maxsize=1 << 12)
def small_layout(shape: Shape | None, theme: Theme) -> TensorLayout:
    """Return the layout of a tensor of this shape on a wire: a number, or a small heatmap without numbers."""
    return _layout(shape, theme, _ON_WIRE)


@lru_cache(maxsize=1 << 10)
def travelling_layout(shape: Shape | None, theme: Theme) -> TensorLayout:
    """Return the layout of a tensor of this shape that travels along a wire: small, with numbers where they are few."""
    return _layout(shape, theme, _ON_THE_WAY)


def tight_layout(shape: Shape, theme: Theme, figures: float) -> TensorLayout:
    """Return the layout of a tensor that travels, and whose numbers are known: only as wide as the longest of them.

    `figures` is the width of the longest number at size 1; where all of them fit between two cards they are shown.
    """
    loose, s = travelling_layout(shape, theme), float(theme.spacing)
    if loose.kind == "number":
        return replace(loose, w=max(loose.h, min(loose.w, figures * theme.number_size + s)))
    grid, sheet = _grid_and_sheet(shape) if 0 not in shape else ((0, 0), (0, 0))
    width = max(cell_height(theme), figures * theme.cell_size + 0.75 * s)
    is_small = 0 < prod(shape) <= MOST_CELLS and grid[0] * sheet[0] <= _MOST_ROWS
    if not is_small or grid[1] * sheet[1] * width > _WIDEST_ON_THE_WAY * s:
        return loose
    size = sheet[1] * width, sheet[0] * cell_height(theme)
    return _laid_out("cells", grid, sheet, size, _ON_THE_WAY.gap * s)


def _layout(shape: Shape | None, theme: Theme, room: _Room) -> TensorLayout:
    number = round(room.number_w * theme.number_size), round(room.number_h * theme.number_size)
    if shape is None or not shape:
        return TensorLayout("unknown" if shape is None else "number", *number)
    if 0 in shape:
        return TensorLayout("empty", *number)
    grid, sheet = _grid_and_sheet(shape)
    rows, columns = grid[0] * sheet[0], grid[1] * sheet[1]
    if prod(shape) <= room.most_numbers and rows <= _MOST_ROWS and columns <= room.most_columns:
        size = sheet[1] * cell_width(theme), sheet[0] * cell_height(theme)
        return _laid_out("cells", grid, sheet, size, room.gap * theme.spacing)
    return _laid_out("heatmap", grid, sheet, _heatmap_size(grid, sheet, room, theme), room.gap * theme.spacing)


def stretched(layout: TensorLayout, width: float) -> TensorLayout:
    """Return a layout with wider cells that fill a width, as far as they may be stretched; a heatmap stays as it is."""
    if layout.kind == "heatmap":
        return layout
    w = min(width, _MOST_STRETCH * layout.w)
    across = layout.shown[1]
    sheet_w = (w - layout.more_w - (across - 1) * layout.gap) / across if layout.kind == "cells" else 0.0
    return replace(layout, w=w, sheet_w=sheet_w)


def cell_width(theme: Theme) -> float:
    """Return the width of a cell with a number: eight figures at full size, longer ones are set smaller."""
    return float(round(5.2 * theme.cell_size))


def cell_height(theme: Theme) -> float:
    """Return the height of a cell with a number."""
    return float(2 * theme.cell_size)


def _grid_and_sheet(shape: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the grid of sheets and the rows and columns of a sheet, for a shape of rank 1 or more."""
    rows, columns = (1, *shape)[-2:]
    leading = shape[:-2]
    if len(leading) < 2:
        count = prod(leading)
        return ((count, 1) if columns > 2 * rows else (1, count)), (rows, columns)
    return (prod(leading[:-1]), leading[-1]), (rows, columns)


def _heatmap_size(grid: tuple[int, int], sheet: tuple[int, int], room: _Room, theme: Theme) -> tuple[float, float]:
    """Return width and height of one sheet so that all shown sheets fit a box, with cells that are nearly square."""
    s = theme.spacing
    down, across = min(grid[0], _MOST_SHEETS), min(grid[1], _MOST_SHEETS)
    most_w = (room.heatmap_w * s - (across - 1) * room.gap * s) / across
    most_h = (room.heatmap_h * s - (down - 1) * room.gap * s) / down
    cell = min(room.cell * s, most_w / sheet[1], most_h / sheet[0])
    least = min(1.0 if grid == (1, 1) else 0.5, room.cell) * s
    w, h = float(int(sheet[1] * cell)), float(int(sheet[0] * cell))
    is_vector = sheet[0] == 1 and grid == (1, 1)
    return max(least, w), max(room.cell * s if is_vector else least, h)


def _laid_out(
    kind: Kind, grid: tuple[int, int], sheet: tuple[int, int], size: tuple[float, float], gap: float
) -> TensorLayout:
    """Return the layout with sheets of `size`, width and height, `gap` apart."""
    down, across = min(grid[0], _MOST_SHEETS), min(grid[1], _MOST_SHEETS)
    more_w = 12.0 if across < grid[1] else 0.0
    more_h = 12.0 if down < grid[0] else 0.0
    return TensorLayout(
        kind,
        w=across * size[0] + (across - 1) * gap + more_w,
        h=down * size[1] + (down - 1) * gap + more_h,
        grid=grid,
        shown=(down, across),
        sheet=sheet,
        sheet_w=size[0],
        sheet_h=size[1],
        gap=gap,
        more_w=more_w,
        more_h=more_h,
    )
