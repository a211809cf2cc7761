"""Where the cells of a tensor lie in its chip: which cell is at a point, and what outlines some of them.

Everything is worked out from the layout by comparing numbers; no cell is an object. Points and lines are in pixels
from the upper left corner of the chip.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from gradviz.ops import Array, Shape
from gradviz.picture.curves import Floats
from gradviz.picture.items import Rect
from gradviz.picture.tensor_layout import TensorLayout

Cell = tuple[int, ...]


def cell_at(layout: TensorLayout, shape: Shape, x: float, y: float) -> Cell | None:
    """Return the cell at a point, or None between sheets, outside, and where the tensor has no cells."""
    if not (0 <= x < layout.w and 0 <= y < layout.h) or 0 in shape:
        return None
    if not shape:
        return ()
    if layout.kind not in {"cells", "heatmap"}:
        return None
    across, down = layout.sheet_w + layout.gap, layout.sheet_h + layout.gap
    sheet = int(y // down), int(x // across)
    left, top = x - sheet[1] * across, y - sheet[0] * down
    if sheet[0] >= layout.shown[0] or sheet[1] >= layout.shown[1] or left >= layout.sheet_w or top >= layout.sheet_h:
        return None
    rows, columns = layout.sheet
    row, column = int(top * rows // layout.sheet_h), int(left * columns // layout.sheet_w)
    places = np.ravel_multi_index((*sheet, row, column), (*layout.grid, rows, columns))
    return tuple(int(at) for at in np.unravel_index(places, shape))


def cell_rect(layout: TensorLayout, shape: Shape, cell: Cell) -> Rect | None:
    """Return the rectangle of a cell, or None where it is not shown."""
    if not shape:
        return (0.0, 0.0, layout.w, layout.h)
    if layout.kind not in {"cells", "heatmap"} or 0 in shape:
        return None
    flat = np.ravel_multi_index(cell, shape)
    down, across, row, column = (int(at) for at in np.unravel_index(flat, (*layout.grid, *layout.sheet)))
    if down >= layout.shown[0] or across >= layout.shown[1]:
        return None
    w, h = layout.sheet_w / layout.sheet[1], layout.sheet_h / layout.sheet[0]
    x = across * (layout.sheet_w + layout.gap) + column * w
    return x, down * (layout.sheet_h + layout.gap) + row * h, w, h


def outlines(layout: TensorLayout, lit: Array) -> Floats:
    """Return the lines (x, y, x, y), shape (n, 4), around the cells of a mask of the tensor's shape.

    Cells that touch have one outline. Cells that are not shown have none.
    """
    if not lit.ndim:
        return _framed(layout.w, layout.h) if lit else np.zeros((0, 4))
    if layout.kind not in {"cells", "heatmap"} or not lit.size or prod(lit.shape) != lit.size:
        return np.zeros((0, 4))
    sheets = lit.reshape(*layout.grid, *layout.sheet)
    found = [np.zeros((0, 4))]
    w, h = layout.sheet_w / layout.sheet[1], layout.sheet_h / layout.sheet[0]
    for down in range(layout.shown[0]):
        for across in range(layout.shown[1]):
            if sheets[down, across].any():
                corner = across * (layout.sheet_w + layout.gap), down * (layout.sheet_h + layout.gap)
                found += [line * (w, h, w, h) + (*corner, *corner) for line in _edges(sheets[down, across])]
    return np.concatenate(found)


def _framed(w: float, h: float) -> Floats:
    return np.array([(0, 0, w, 0), (w, 0, w, h), (w, h, 0, h), (0, h, 0, 0)], dtype=np.float64)


def _edges(mask: Array) -> Iterator[Floats]:
    """Yield the lines between the cells of a matrix that are lit and those that are not, in cells."""
    padded = np.pad(mask.astype(np.int8), 1)
    lying = np.diff(padded, axis=0)[:, 1:-1] != 0
    upright = np.diff(padded, axis=1)[1:-1, :].T != 0
    for edges, is_lying in ((lying, True), (upright, False)):
        changes = np.diff(np.pad(edges.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        row, start = np.nonzero(changes == 1)
        _, end = np.nonzero(changes == -1)
        order = (start, row, end, row) if is_lying else (row, start, row, end)
        yield np.stack(order, axis=1).astype(np.float64)
