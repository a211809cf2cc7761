"""The loom as it is painted and pointed at: small matrices, what meets in a cell of the result, and what turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from gradviz.panels.cell_view import STEPS, CellView, ring
from gradviz.panels.loom_sheets import Cell, Laid, Sheet
from gradviz.picture import Curve, Item, Text, Theme

LayOut = Callable[[float], Laid]
"""Lays sheets out in a width."""


class SheetsView(CellView):
    """Draws sheets; `hovered` brings the name of a tensor and one of its cells, or None, and `chosen` a cell clicked.

    The last sheet is the result; arrow keys choose among its cells.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__("loom.sheets")
        self._lay_out: LayOut | None = None
        self._laid: Laid | None = None
        self._cell: Cell = ()
        self._meeting: dict[str, Cell] = {}

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The matrices that are shown, the result last."""
        return self._laid.sheets if self._laid is not None else ()

    def show_sheets(self, lay_out: LayOut, cell: Cell, theme: Theme, told: str) -> None:
        """Show sheets, ringing a cell of the result; `told` says in words what they are."""
        self._lay_out, self._theme, self._cell, self._meeting = lay_out, theme, cell, {}
        self.setAccessibleName(told)
        self._fit()
        self.update()

    def show_meeting(self, cells: dict[str, Cell]) -> None:
        """Ring the cells that are multiplied right now, by the names of their tensors."""
        if cells != self._meeting:
            self._meeting = cells
            self.update()

    def point_of(self, name: str, cell: Cell) -> QPointF | None:
        """Return the middle of a cell of a tensor ("" for the result) in pixels, None where it is not shown."""
        for sheet in self.sheets:
            rect = sheet.rect_of(cell, self._w, self._h) if sheet.name == name else None
            if rect is not None:
                return QRectF(*rect).center()
        return None

    # Its room

    def sizeHint(self) -> QSize:
        """Ask for a usual width."""
        return QSize(280, self.height())

    def minimumSizeHint(self) -> QSize:
        """Ask for the least width that shows anything."""
        return QSize(180, self.height())

    def _fit(self) -> None:
        if self._lay_out is not None:
            self._laid = self._lay_out(float(self.width()))
            self.setFixedHeight(round(self._laid.bottom) + 4)

    @property
    def _w(self) -> float:
        return self._laid.w if self._laid is not None else 1.0

    @property
    def _h(self) -> float:
        return self._laid.h if self._laid is not None else 1.0

    # How it is painted

    def _items(self, theme: Theme) -> Iterator[Item]:
        laid = self._laid
        if laid is None:
            return
        for sheet in laid.sheets:
            others = [each.x for each in laid.sheets if each.x > sheet.x and abs(each.y - sheet.y) < 2 * laid.h]
            others += [_arrow_x(before, sheet, laid, theme) for before, after in laid.turns if after.name == sheet.name]
            room = min((x for x in others if x > sheet.x), default=float(self.width())) - sheet.x - 6
            yield from sheet.items(laid.w, laid.h, theme, room)
        for before, after in laid.turns:
            yield from _turn(before, after, laid, theme)
        result = laid.sheets[-1]
        yield from _ring(result, self._cell, laid, theme)
        for sheet in laid.sheets[:-1]:
            if sheet.name in self._meeting:
                yield from _ring(sheet, self._meeting[sheet.name], laid, theme)

    # What points at it

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the cell of the result that is clicked."""
        found = self._at(event.position())
        if found is not None and not found[0] and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(found[1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let arrows choose the next cell of the result."""
        step = STEPS.get(event.key())
        if step is None or self._laid is None or event.modifiers():
            super().keyPressEvent(event)
            return
        slicing = self._laid.sheets[-1].slicing
        place = slicing.place(self._cell)
        if place is not None and slicing.shape != ():
            row, column = (
                min(max(at + by, 0), most - 1) for at, by, most in zip(place, step, slicing.size, strict=True)
            )
            self.chosen.emit(slicing.cell(row, column))

    def _at(self, at: QPointF) -> tuple[str, Cell] | None:
        for sheet in self.sheets:
            cell = sheet.cell_at(at.x(), at.y(), self._w, self._h)
            if cell is not None:
                return sheet.name, cell
        return None


def _ring(sheet: Sheet, cell: Cell, laid: Laid, theme: Theme) -> Iterator[Item]:
    rect = sheet.rect_of(cell, laid.w, laid.h)
    if rect is not None:
        yield from ring(*rect, theme)


def _arrow_x(before: Sheet, after: Sheet, laid: Laid, theme: Theme) -> float:
    """Return where the arrow from a matrix down to its transpose is; left of everything where it does not go down."""
    if after.y <= before.y + laid.h:
        return -1.0
    right = min(before.x + before.size[1] * laid.w, after.x + after.size[1] * laid.w)
    return max(right - 0.9 * theme.cell_size, after.x + theme.cell_size)


def _turn(before: Sheet, after: Sheet, laid: Laid, theme: Theme) -> Iterator[Item]:
    """Yield the arrow from a matrix to its transpose, which stands below it or to its right."""
    em = float(theme.cell_size)
    right, bottom = before.x + before.size[1] * laid.w, before.y + before.size[0] * laid.h
    if after.y > before.y + laid.h:
        x = _arrow_x(before, after, laid, theme)
        start, end = np.array([x, bottom + 3]), np.array([x, after.y - 3])
        sign = (x + 0.4 * em, (bottom + after.y) / 2 + 0.35 * em)
    else:
        y = before.y + before.size[0] * laid.h / 2
        y = max(y, after.y + 0.5 * laid.h)
        start, end = np.array([right + 2, y]), np.array([after.x - 2, y])
        sign = ((right + after.x) / 2 - 0.3 * em, y - 0.35 * em)
    line = tuple((float(x), float(y)) for x, y in (start, end))
    yield Curve(line, theme.muted, 1.5, bent=False, head=0.45 * em)
    yield Text(*sign, "T", 0.9 * em, theme.muted, weight="semibold")
