"""Moving the view: with the middle button, or with Space held down."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

from gradviz.canvas.gestures.gesture import Gesture, Surface


class Pan(Gesture):
    """Carries the whole picture with the pointer; the document is not touched."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, surface: Surface) -> None:
        """Begin where the pointer is."""
        super().__init__(surface)
        self._last = QCursor.pos()

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Move the view as far as the pointer has moved on the screen."""
        now = QCursor.pos()
        self.surface.pan_by(now.x() - self._last.x(), now.y() - self._last.y())
        self._last = now
