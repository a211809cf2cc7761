"""Drawing a frame around nodes to select them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.canvas.gestures.gesture import Gesture, Pointer, Surface


class RubberBand(Gesture):
    """Selects the nodes that the frame touches; with Shift or Ctrl, beside those selected before."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface, pointer: Pointer) -> None:
        """Begin with one corner under the pointer."""
        super().__init__(surface)
        workspace = surface.workspace
        self._start = self._end = pointer.at
        self._before = workspace.selection, workspace.selected_wires
        self._kept = self._before if pointer.adds else (frozenset(), frozenset())

    def move(self, pointer: Pointer) -> None:
        """Put the other corner under the pointer."""
        self._end = pointer.at
        frame = self._frame()
        touched = self.surface.geometry_shown.nodes_in(frame.x(), frame.y(), frame.width(), frame.height())
        nodes, wires = self._kept
        self.surface.workspace.select(nodes.union(touched), wires)

    def release(self, pointer: Pointer) -> None:
        """Leave selected what the frame touches."""
        self.move(pointer)

    def click(self, pointer: Pointer) -> None:
        """Select nothing, where nothing is to be added."""
        self.surface.workspace.select(*self._kept)

    def cancel(self) -> None:
        """Select what was selected before."""
        self.surface.workspace.select(*self._before)

    def paint(self, painter: QPainter) -> None:
        """Draw the frame."""
        colour = QColor(self.surface.theme.selection)
        painter.setPen(QPen(colour, self.surface.pixel))
        colour.setAlphaF(0.12)
        painter.setBrush(colour)
        painter.drawRect(self._frame())

    def _frame(self) -> QRectF:
        return QRectF(self._start, self._end).normalized()
