"""Moving the view: with the middle button, or with Space held down."""

from __future__ import annotations

from PySide6.QtCore import Qt

from gradviz.canvas.gestures.gesture import Gesture, Pointer, Surface


class Pan(Gesture):
    """Carries the whole picture with the pointer; the document is not touched."""

    cursor = Qt.CursorShape.ClosedHandCursor
    pans_at_edges = False

    def __init__(self, surface: Surface, pointer: Pointer) -> None:
        """Begin where the pointer is."""
        super().__init__(surface)
        self._last = pointer.pixel.toPoint()

    def move(self, pointer: Pointer) -> None:
        """Move the view as far as the pointer has moved on the screen."""
        now = pointer.pixel.toPoint()
        self.surface.pan_by(now.x() - self._last.x(), now.y() - self._last.y())
        self._last = now

    def release(self, pointer: Pointer) -> None:
        """Leave the view where it is."""
        self.move(pointer)
