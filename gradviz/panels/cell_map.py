"""A tensor as a small matrix of cells: painted at once, pointed at by mouse or keys, and never larger than its room.

The last axis runs along the rows, all others run down, in row-major order; a vector is one row. What a gradient is not
looks unlike a number: not computed is an empty outline with a dash, no path is ∅, and only zeros are cells with 0.
"""

from __future__ import annotations

from math import prod
from typing import Final, Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

from gradviz.engine import Gradient
from gradviz.graph import Array
from gradviz.panels.cell_overlay import written
from gradviz.panels.cell_view import STEPS, CellView, ring
from gradviz.picture import (
    Box,
    Cells,
    Curve,
    Item,
    TensorLayout,
    Text,
    Theme,
    coloured,
    outlines,
    scale_limit,
    show_number,
    show_shape,
)

Cell = tuple[int, ...]
Absence = Literal["", "not computed", "no path"]

MOST_SIDE: Final = 64
"""Rows and columns that are drawn of a matrix; the rest of a larger one is left out, which is said."""

_SIGNS: Final = {"not computed": "–", "no path": "∅"}
_CELL_W, _CELL_H, _LEAST_W, _LEAST_H = 4.8, 1.8, 3.6, 1.3
"""Sizes of cells with numbers, and the least of a map, in heights of the numbers."""


class CellMap(CellView):
    """Shows one tensor; `hovered` and `clicked` bring the index of a cell (`hovered` None outside)."""

    clicked = Signal(object)
    own_keys = frozenset({*STEPS, Qt.Key.Key_Space})

    def __init__(self, name: str, title: str, *, most_height: float = 12.0) -> None:
        """Show nothing yet; `title` is its accessible name, `most_height` counts lines of numbers."""
        super().__init__(name)
        self._title, self._most_height = title, most_height
        self._shape: tuple[int, ...] = ()
        self._absence: Absence = "not computed"
        self._array: Array | None = None
        self._limit = 0.0
        self._colour = ""
        self._cells: Cells | None = None
        self._ring: Cell | None = None
        self._lit: Array | None = None
        self._cursor: int | None = None
        self.setAccessibleName(title)

    # What is shown

    @property
    def text(self) -> str:
        """What is shown, in words: its shape and its number, or why there is none."""
        if self._absence or self._array is None:
            return f"{_SIGNS.get(self._absence, '')} {self._absence}".strip()
        if self._array.size == 1:
            return show_number(self._array.ravel()[0])
        return show_shape(self._shape) + (" empty" if 0 in self._shape else "")

    @property
    def array(self) -> Array | None:
        """The tensor that is shown, or None where there is none."""
        return None if self._absence else self._array

    def cell_point(self, cell: Cell) -> QPointF:
        """Return the middle of a cell in pixels."""
        x, y, w, h = self._place()
        rows, columns = self._matrix().shape
        row, column = divmod(self._flat(cell) or 0, _matrix_size(self._shape)[1])
        return QPointF(x + (column + 0.5) * w / columns, y + (row + 0.5) * h / rows)

    @property
    def is_cut(self) -> bool:
        """Whether some rows or columns are left out."""
        return max(_matrix_size(self._shape)) > MOST_SIDE

    def show_array(
        self, array: Array, theme: Theme, colour: str, *, limit: float | None = None, opacity: float = 1.0
    ) -> None:
        """Show a tensor, framed in the colour of its role; its scale ends at `limit`, else at its own largest."""
        end = np.inf if array.size == 1 else scale_limit(array) if limit is None else limit
        if array is self._array and not self._absence and (theme, colour, opacity, end) == (*self._look(), self._limit):
            return
        self._array, self._shape, self._absence = array, array.shape, ""
        self._theme, self._colour, self._opacity, self._limit = theme, colour, opacity, end
        self._begin()

    def show_absence(self, absence: Absence, shape: tuple[int, ...], theme: Theme, colour: str) -> None:
        """Show that there is no tensor of this shape, and in which way."""
        if (absence, shape) == (self._absence, self._shape) and (theme, colour, 1.0) == self._look():
            return
        self._array, self._shape, self._absence = None, shape, absence
        self._theme, self._colour, self._opacity = theme, colour, 1.0
        self._begin()

    def show_gradient(self, gradient: Gradient, shape: tuple[int, ...], theme: Theme) -> None:
        """Show a gradient in whichever of its four states it is."""
        if gradient.array is None:
            self.show_absence(
                "no path" if gradient.state == "no path" else "not computed", shape, theme, theme.gradient
            )
        else:
            self.show_array(gradient.array, theme, theme.gradient)

    def mark(self, cell: Cell | None, lit: Array | None = None) -> None:
        """Ring a cell strongly, and the cells of a mask of the tensor's shape lightly."""
        lit = lit if lit is not None and lit.shape == self._shape else None
        if cell != self._ring or lit is not self._lit:
            self._ring, self._lit = cell, lit
            self.update()

    def _look(self) -> tuple[Theme | None, str, float]:
        return self._theme, self._colour, self._opacity

    def _begin(self) -> None:
        self._cells, self._ring, self._lit = None, None, None
        self._cursor = None
        if self.hasFocus() and self._array is not None and self._array.size:
            self._cursor = 0
        name = f"{self._title}: {self.text}"
        self.setAccessibleName(name)
        rows, columns = _matrix_size(self._shape)
        self.setToolTip(f"{name}: the first {min(rows, MOST_SIDE)}×{min(columns, MOST_SIDE)}" if self.is_cut else name)
        self._fit()
        self.updateGeometry()
        self.update()

    # Its room

    def sizeHint(self) -> QSize:
        """Ask for the room of cells with numbers, as far as that is not too much."""
        em = self._theme.cell_size if self._theme else 12
        return QSize(round(min(_CELL_W * em * _matrix_size(self._shape)[1], 24 * em)) + 2, self.height())

    def minimumSizeHint(self) -> QSize:
        """Ask for the room of a short number."""
        return QSize(round(_LEAST_W * (self._theme.cell_size if self._theme else 12)) + 2, self.height())

    def _fit(self) -> None:
        _x, _y, _w, height = self._place()
        self.setFixedHeight(round(height) + 2)

    def _place(self) -> tuple[float, float, float, float]:
        """Return where the cells lie."""
        em = float(self._theme.cell_size if self._theme else 12)
        rows, columns = (max(1, min(MOST_SIDE, side)) for side in _matrix_size(self._shape))
        room = max(8.0, self.width() - 2.0)
        w = min(_CELL_W * em, room / columns)
        h = _CELL_H * em if w >= 2.6 * em and rows <= self._most_height / _CELL_H else min(w, _CELL_H * em)
        height = min(self._most_height * em, max(_LEAST_H * em, h * rows))
        return 1.0, 1.0, w * columns, height

    # How it is painted

    def _framed(self) -> QRectF:
        _x, _y, w, h = self._place()
        return QRectF(0, 0, min(float(self.width()), w + 2.0), h + 2.0)

    def _items(self, theme: Theme) -> list[Item]:
        return self._absent(theme) if self._array is None or not self._array.size else self._present(theme)

    def _absent(self, theme: Theme) -> list[Item]:
        x, y, w, h = self._place()
        is_open = self._absence == "not computed"
        text = _SIGNS.get(self._absence, "empty")
        dash = (3.0, 3.0) if is_open else ()
        return [
            Box(x, y, w, h, stroke=self._colour, dash=dash, opacity=0.7),
            Text(x + w / 2, y + h / 2, text, theme.cell_size, theme.muted, anchor="middle", baseline="middle"),
        ]

    def _present(self, theme: Theme) -> list[Item]:
        x, y, w, h = self._place()
        matrix = self._matrix()
        if self._cells is None or (self._cells.w, self._cells.h) != (w, h):
            rgb, marks = coloured(matrix, self._limit, theme)
            if np.isinf(self._limit):  # a number by itself has no scale, so that its cell is paper
                rgb = np.full_like(rgb, tuple(bytes.fromhex(theme.card[1:])))
            self._cells = Cells(x, y, w, h, rgb, marks)
        items: list[Item] = [self._cells, *written(matrix, self._cells, theme)]
        items.append(Box(x, y, w, h, stroke=self._colour))
        if self._lit is not None:
            items += self._outlined(self._lit, theme)
        pointed = self._flat(self._ring)
        if pointed is not None:
            items += self._ringed(pointed, theme)
        return items

    def _ringed(self, flat: int, theme: Theme) -> list[Item]:
        """Return the ring of a cell, where the cell is drawn."""
        x, y, w, h = self._place()
        rows, columns = self._matrix().shape
        row, column = divmod(flat, _matrix_size(self._shape)[1])
        if row >= rows or column >= columns:
            return []
        w, h = w / columns, h / rows
        return ring(x + column * w, y + row * h, w, h, theme)

    def _outlined(self, lit: Array, theme: Theme) -> list[Item]:
        """Return the lines around the cells of a mask: ink on paper, as in every view."""
        x, y, w, h = self._place()
        mask = lit.reshape(_matrix_size(self._shape))[:MOST_SIDE, :MOST_SIDE]
        layout = TensorLayout("cells", w, h, sheet=(mask.shape[0], mask.shape[1]), sheet_w=w, sheet_h=h)
        lines = [((x + a, y + b), (x + c, y + d)) for a, b, c, d in outlines(layout, mask).tolist()]
        styles = ((theme.card, 3.5), (theme.ink, 1.5))
        return [Curve(line, colour, width, bent=False) for colour, width in styles for line in lines]

    def _matrix(self) -> Array:
        array = np.zeros(self._shape) if self._array is None else self._array
        return array.reshape(_matrix_size(self._shape))[:MOST_SIDE, :MOST_SIDE]

    # What points at it

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take a click on a cell."""
        cell = self._at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(cell)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first cell."""
        super().focusInEvent(event)
        if self._cursor is None and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._go(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Begin anew at the first cell when the keys come back."""
        self._cursor = None
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let arrows go from cell to cell, and Enter or Space click one."""
        step = STEPS.get(event.key())
        if step is not None:
            self._go((self._cursor or 0) + step[0] * _matrix_size(self._shape)[1] + step[1])
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            if self._array is not None and self._array.size:
                self.clicked.emit(_index(self._cursor or 0, self._shape))
        else:
            super().keyPressEvent(event)

    def _go(self, flat: int) -> None:
        """Put the cursor of the keys on a cell, where that is one."""
        if self._array is not None and 0 <= flat < self._array.size:
            self._cursor = flat
            self.hovered.emit(_index(flat, self._shape))

    def _at(self, at: QPointF) -> Cell | None:
        if self._array is None or not self._array.size:
            return None
        x, y, w, h = self._place()
        rows, columns = self._matrix().shape
        column, row = int((at.x() - x) // (w / columns)), int((at.y() - y) // (h / rows))
        if not (0 <= row < rows and 0 <= column < columns):
            return None
        return _index(row * _matrix_size(self._shape)[1] + column, self._shape)

    def _flat(self, cell: Cell | None) -> int | None:
        """Return the number of a cell in row-major order, where the tensor has it."""
        if cell is None or len(cell) != len(self._shape):
            return None
        inside = all(0 <= at < length for at, length in zip(cell, self._shape, strict=True))
        return int(np.ravel_multi_index(cell, self._shape)) if inside and cell else 0 if inside else None


def _matrix_size(shape: tuple[int, ...]) -> tuple[int, int]:
    return prod(shape[:-1]), shape[-1] if shape else 1


def _index(flat: int, shape: tuple[int, ...]) -> Cell:
    return tuple(int(at) for at in np.unravel_index(flat, shape)) if shape else ()
