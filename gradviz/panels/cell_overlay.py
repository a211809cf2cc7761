"""What a heatmap writes into its cells: numbers where they fit, and the marks of NaN, infinities and outliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gradviz.graph import Array
from gradviz.picture import (
    Cells,
    Item,
    Picture,
    Text,
    Theme,
    coloured,
    is_dark,
    mark_items,
    paint,
    show_number,
    text_width,
)

LEAST_MARK = 4.0
"""Pixels of the side of a cell below which it carries no mark."""

MOST_NUMBERS = 400
"""Cells whose numbers are written at once."""


class CellOverlay(QGraphicsItem):
    """Draws over a matrix whose cells are units of the scene: row i, column j is the square from (j, i) on."""

    def __init__(self) -> None:
        """Start with no cells."""
        super().__init__()
        self._matrix: Array = np.zeros((0, 0))
        self._colours: NDArray[np.uint8] = np.zeros((0, 0, 3), np.uint8)
        self._marks: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._theme: Theme | None = None

    def show_matrix(self, matrix: Array, limit: float, theme: Theme) -> NDArray[np.uint8]:
        """Take a matrix with the limit of its scale (inf for a number by itself); returns the colours of its cells."""
        self.prepareGeometryChange()
        self._matrix, self._theme = matrix, theme
        self._colours, self._marks = coloured(matrix, limit, theme)
        if np.isinf(limit):  # a number by itself has no scale, so that its cell is paper
            self._colours = np.full_like(self._colours, tuple(bytes.fromhex(theme.card[1:])))
        self.update()
        return self._colours

    def boundingRect(self) -> QRectF:
        """Return the matrix."""
        rows, columns = self._matrix.shape
        return QRectF(0, 0, columns, rows)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Write into the cells that can be seen, in pixels of the widget."""
        if self._theme is None or widget is None:
            return
        to_widget = painter.worldTransform()
        corner, unit = to_widget.map(QPointF(0, 0)), to_widget.map(QPointF(1, 1))
        cell = QRectF(corner, unit).normalized()
        if min(cell.width(), cell.height()) < LEAST_MARK:
            return
        rows, columns = self._seen(cell, widget)
        block = QRectF(
            cell.left() + columns.start * cell.width(),
            cell.top() + rows.start * cell.height(),
            (columns.stop - columns.start) * cell.width(),
            (rows.stop - rows.start) * cell.height(),
        )
        painter.save()
        painter.resetTransform()
        items = tuple(self._items(rows, columns, block, self._theme))
        paint(painter, Picture(items, (block.x(), block.y(), block.width(), block.height())))
        painter.restore()

    def _seen(self, cell: QRectF, widget: QWidget) -> tuple[slice, slice]:
        """Return the rows and columns that lie within a widget, given the first cell in its pixels."""
        found = []
        for size, start, length, count in (
            (widget.height(), cell.top(), cell.height(), self._matrix.shape[0]),
            (widget.width(), cell.left(), cell.width(), self._matrix.shape[1]),
        ):
            first = max(0, int(-start // length))
            found.append(slice(first, max(first, min(count, int((size - start) // length) + 1))))
        return found[0], found[1]

    def _items(self, rows: slice, columns: slice, block: QRectF, theme: Theme) -> list[Item]:
        matrix, rgb, marks = (part[rows, columns] for part in (self._matrix, self._colours, self._marks))
        return written(matrix, Cells(block.x(), block.y(), block.width(), block.height(), rgb, marks), theme)


def written(matrix: Array, cells: Cells, theme: Theme) -> list[Item]:
    """Return what is written into the cells of a matrix: their marks, and their numbers where these fit."""
    items = list(mark_items(cells, LEAST_MARK))
    if 0 < matrix.size <= MOST_NUMBERS:
        items += _numbers(matrix, cells, theme)
    return items


def _numbers(matrix: Array, cells: Cells, theme: Theme) -> list[Item]:
    """Return the numbers of some cells, all in one size; none where they would not fit."""
    rows, columns = matrix.shape
    w, h = cells.w / columns, cells.h / rows
    numbers = {(i, j): show_number(matrix[i, j]) for i in range(rows) for j in range(columns)}
    texts = {place: text for place, text in numbers.items() if text not in _MARKED}
    longest = max((text_width(text, 1.0, "mono") for text in texts.values()), default=0.0)
    size = min(float(theme.cell_size), 0.8 * h, (w - 4) / longest if longest else np.inf)
    if size < 0.75 * theme.cell_size:
        return []
    dark = is_dark(cells.colours)
    inks = [theme.background, theme.ink] if theme.is_dark else [theme.ink, theme.background]
    return [
        Text(
            cells.x + (j + 0.5) * w,
            cells.y + (i + 0.5) * h,
            text,
            size,
            inks[int(dark[i, j])],
            family="mono",
            anchor="middle",
            baseline="middle",
        )
        for (i, j), text in texts.items()
    ]


_MARKED = frozenset({"NaN", "∞", "−∞"})
"""Numbers whose cells have a mark instead."""
