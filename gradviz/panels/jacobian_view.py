"""A Jacobian between the gradient that multiplies it from the left and the product below: g · J.

The gradient is a row vector; it stands upright here, so that each of its numbers lies beside the row that it
multiplies. The product stands below, each number under its column.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFocusEvent, QKeyEvent

from gradviz.engine import Lens
from gradviz.graph import Array
from gradviz.panels.cell_overlay import written
from gradviz.panels.cell_view import STEPS, CellView, ring
from gradviz.panels.sketches import sketch
from gradviz.picture import (
    Box,
    Cells,
    Item,
    Text,
    Theme,
    coloured,
    scale_limit,
    show_number,
    text_width,
)


class Place(NamedTuple):
    """What is pointed at: a row, a column, or both of them (a cell)."""

    row: int | None
    column: int | None


Frame = tuple[float, float, float, float]

_NUMBER, _LINE, _GAP = 4.8, 1.8, 0.9
"""The width of a cell with a number, its height, and the room between parts, in heights of the numbers."""
_NARROW: Final = 2.6
"""The width of a cell below which it takes no number."""
_MOST_HEIGHT: Final = 15.0
_FIRST_HEIGHT: Final = 96
"""Pixels of the height before there is anything to show."""
_SKETCH: Final = (12.0, 9.0)
"""The width and height of a sketch."""


class JacobianView(CellView):
    """Draws g, J and g · J; `hovered` brings the `Place` that the mouse or the keys point at, or None."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__("lens.matrix")
        self._lens: Lens | None = None
        self._g: Array | None = None
        self._product: Array | None = None
        self._signs = ("–", "–")
        self._place: Place | None = None
        self._cursor: tuple[int, int] | None = None
        self.setFixedHeight(_FIRST_HEIGHT)

    def show_lens(
        self, lens: Lens, g: Array | None, product: Array | None, theme: Theme, signs: tuple[str, str] = ("–", "–")
    ) -> None:
        """Show a Jacobian; the gradient and the product where they are there, else empty outlines with their signs."""
        shown = (self._lens, self._g, self._product, self._theme)
        is_same = all(new is old for new, old in zip((lens, g, product, theme), shown, strict=True))
        if is_same and signs == self._signs:
            return
        if lens is not self._lens:
            self._cursor = None
        self._lens, self._g, self._product, self._theme = lens, g, product, theme
        self._signs = signs
        self.setAccessibleName(self.tr("Jacobian: {sentence}").format(sentence=lens.sentence))
        self._fit()
        self.update()

    def show_nothing(self) -> None:
        """Show nothing, in the same room, while a Jacobian is being found."""
        if self._lens is not None:
            self._lens = self._place = self._cursor = None
            self.update()

    @property
    def numbers(self) -> tuple[Array | None, Array | None]:
        """The gradient and the product that are shown, each None where it is not there."""
        return self._g, self._product

    @property
    def place(self) -> Place | None:
        """What is ringed."""
        return self._place

    def mark(self, place: Place | None) -> None:
        """Ring a cell with what it is multiplied with and goes to, a row with its number of g, or a column."""
        if place != self._place:
            self._place = place
            self.update()

    # Its room

    def sizeHint(self) -> QSize:
        """Ask for a usual width."""
        return QSize(280, self.height())

    def minimumSizeHint(self) -> QSize:
        """Ask for the least width that shows anything."""
        return QSize(160, self.height())

    def _fit(self) -> None:
        if self._lens is not None and self._theme is not None:
            _x, y, _w, h = self._frames()[2]
            self.setFixedHeight(round(y + h) + 3)

    def _frames(self) -> tuple[Frame, Frame, Frame]:
        """Return where g, the matrix and the product lie."""
        if self._lens is None or self._theme is None:
            return (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)
        em, lens = float(self._theme.cell_size), self._lens
        top, gap = _LINE * em, _GAP * em
        left = max(4.0 * em, text_width(_PRODUCT, em) + gap)
        room = max(4 * em, self.width() - left - gap - 2)
        if lens.matrix is None or not lens.matrix.size:
            w, h = min(room, _SKETCH[0] * em), (_SKETCH[1] if lens.count else _LINE) * em
            strip = 1.3 * em
            return (left - strip, top, strip, h), (left + gap, top, w, h), (left + gap, top + h + gap, w, strip)
        w = min(_NUMBER * em, room / lens.columns)
        is_written = w >= _NARROW * em and lens.rows * _LINE <= _MOST_HEIGHT
        h = _LINE * em if is_written else min(w, _LINE * em)
        height = min(_MOST_HEIGHT * em, max(_LINE * em, h * lens.rows))
        strip = left if is_written else min(left, 1.3 * em)
        below = (_LINE if w >= _NARROW * em else 1.3) * em
        width = w * lens.columns
        return (
            (left - strip + 1, top, strip - 1, height),
            (left + gap, top, width, height),
            (left + gap, top + height + gap, width, below),
        )

    # How it is painted

    def _items(self, theme: Theme) -> list[Item]:
        lens = self._lens
        if lens is None:
            return []
        left, middle, below = self._frames()
        em, items = float(theme.cell_size), list[Item]()
        items += _part(self._g, (lens.rows, 1), left, theme, theme.gradient, sign=self._signs[0])
        if lens.matrix is not None and lens.matrix.size:
            items += _part(lens.matrix, lens.matrix.shape, middle, theme, theme.local)
        else:
            items += sketch(lens.structure, middle, theme)
        items += _part(self._product, (1, lens.columns), below, theme, theme.gradient, sign=self._signs[1])
        centre = below[1] + below[3] / 2
        items += [
            Text(left[0] + left[2], em, "g", em, theme.gradient, anchor="right", weight="semibold"),
            Text(middle[0], em, "J", em, theme.ink, weight="semibold"),
            Text(left[0] + left[2], centre, _PRODUCT, em, theme.gradient, anchor="right", baseline="middle"),
        ]
        dot = (left[0] + left[2] + middle[0]) / 2
        items.append(Text(dot, middle[1] + middle[3] / 2, "·", 1.4 * em, theme.ink, anchor="middle", baseline="middle"))
        return items + self._rings(lens, theme)

    def _rings(self, lens: Lens, theme: Theme) -> list[Item]:
        if self._place is None:
            return []
        left, middle, below = self._frames()
        row, column = self._place
        h, w = middle[3] / max(1, lens.rows), middle[2] / max(1, lens.columns)
        frames: list[Frame] = []
        if row is not None:
            frames.append((left[0], left[1] + row * h, left[2], h))
        if column is not None:
            frames.append((below[0] + column * w, below[1], w, below[3]))
        if lens.matrix is not None:
            x, width = (middle[0], middle[2]) if column is None else (middle[0] + column * w, w)
            y, height = (middle[1], middle[3]) if row is None else (middle[1] + row * h, h)
            frames.append((x, y, width, height))
        return [item for frame in frames for item in ring(*frame, theme)]

    # What points at it

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Begin anew at the first cell when the keys come back."""
        self._cursor = None
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let arrows go from cell to cell."""
        step = STEPS.get(event.key())
        if step is None or self._lens is None or not self._lens.count:
            super().keyPressEvent(event)
            return
        row, column = self._cursor or (0, 0)
        if self._cursor is not None:
            row, column = row + step[0], column + step[1]
        self._cursor = min(max(row, 0), self._lens.rows - 1), min(max(column, 0), self._lens.columns - 1)
        self.hovered.emit(Place(*self._cursor))

    def place_point(self, place: Place) -> QPointF:
        """Return the middle of a cell, of a number of g (no column) or of the product (no row), in pixels."""
        left, middle, below = self._frames()
        lens = self._lens
        h = middle[3] / max(1, lens.rows if lens else 1)
        w = middle[2] / max(1, lens.columns if lens else 1)
        row, column = place
        x = left[0] + left[2] / 2 if column is None else middle[0] + (column + 0.5) * w
        y = below[1] + below[3] / 2 if row is None else middle[1] + (row + 0.5) * h
        return QPointF(x, y)

    def _at(self, point: QPointF) -> Place | None:
        if self._lens is None or not self._lens.count:
            return None
        left, middle, below = self._frames()
        row = int((point.y() - middle[1]) // (middle[3] / self._lens.rows))
        column = int((point.x() - middle[0]) // (middle[2] / self._lens.columns))
        in_rows, in_columns = 0 <= row < self._lens.rows, 0 <= column < self._lens.columns
        if in_rows and in_columns:
            return Place(row, column) if self._lens.matrix is not None else None
        if in_rows and left[0] <= point.x() <= left[0] + left[2]:
            return Place(row, None)
        if in_columns and below[1] <= point.y() <= below[1] + below[3]:
            return Place(None, column)
        return None


_PRODUCT: Final = "g · J ="


def _part(
    array: Array | None, size: tuple[int, ...], frame: Frame, theme: Theme, colour: str, *, sign: str = ""
) -> list[Item]:
    """Return numbers as cells in a frame, or the empty outline of what is not there with its sign."""
    x, y, w, h = frame
    if array is None or not array.size:
        text = sign if array is None else "empty" if w > 3 * theme.cell_size else ""
        dash = (3.0, 3.0) if text == "–" else ()
        centre = Text(x + w / 2, y + h / 2, text, theme.cell_size, theme.muted, anchor="middle", baseline="middle")
        return [Box(x, y, w, h, stroke=colour, dash=dash, opacity=0.7), centre]
    matrix = array.reshape(size)
    rgb, marks = coloured(matrix, scale_limit(matrix), theme)
    cells = Cells(x, y, w, h, rgb, marks)
    return [cells, *written(matrix, cells, theme), Box(x, y, w, h, stroke=colour, width=1.5)]


def product_of(numbers: Array, factors: Array, most: int = 4) -> str:
    """Return a sum of products in full, zeros left out, as in `2 × 0.5 + (−3) × 1`."""
    there = np.flatnonzero((factors != 0) | (numbers != 0) & ~np.isfinite(factors))
    terms = [f"{signed(numbers[at], is_first=not k)} × {signed(factors[at])}" for k, at in enumerate(there[:most])]
    if len(there) > most:
        terms.append(f"… ({len(there) - most:,} more)")
    return " + ".join(terms) or "0"


def signed(number: object, *, is_first: bool = False) -> str:
    """Return a number as it stands within a sum or product: a negative one in brackets."""
    text = show_number(number)
    return f"({text})" if text.startswith("−") and not is_first else text
