"""Drawing a frame around nodes to select them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.canvas.gestures.gesture import Gesture, Surface


class RubberBand(Gesture):
    """Selects the nodes that the frame touches; with Shift or Ctrl, beside those selected before."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface, at: QPointF, *, adds: bool) -> None:
        """Begin with one corner at `at`."""
        super().__init__(surface)
        self._start, self._end = at, at
        self._before = surface.workspace.selection
        self._kept = self._before if adds else frozenset()

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Put the other corner under the pointer."""
        self._end = at
        frame = self._frame()
        touched = self.surface.geometry_shown.nodes_in(frame.x(), frame.y(), frame.width(), frame.height())
        self.surface.workspace.select(self._kept.union(touched))

    def cancel(self) -> None:
        """Select what was selected before."""
        self.surface.workspace.select(self._before)

    def paint(self, painter: QPainter) -> None:
        """Draw the frame."""
        colour = QColor(self.surface.theme.selection)
        painter.setPen(QPen(colour, self.surface.pixel))
        colour.setAlphaF(0.12)
        painter.setBrush(colour)
        painter.drawRect(self._frame())

    def _frame(self) -> QRectF:
        return QRectF(self._start, self._end).normalized()
