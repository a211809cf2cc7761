"""Moving the view while something is dragged near its edge, faster the nearer the pointer is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QTimer

BORDER = 28
"""Screen pixels from the edge within which the view moves."""

TICK, FASTEST = 16, 18
"""Milliseconds between two moves, and the most screen pixels of one."""


class EdgePan(QObject):
    """Calls `pan(dx, dy)` again and again while the pointer is near an edge."""

    def __init__(self, pan: Callable[[int, int], None], parent: QObject) -> None:
        """Stand still."""
        super().__init__(parent)
        self._pan = pan
        self._by = QPoint()
        self._timer = QTimer(self, interval=TICK)
        self._timer.timeout.connect(self._move)

    @property
    def is_moving(self) -> bool:
        """Whether the view is being moved."""
        return self._timer.isActive()

    def meet(self, pointer: QPointF, room: QRect) -> None:
        """Move, or stop, as the pointer, in pixels of the viewport, is near an edge of it or not."""
        self._by = QPoint(
            _speed(pointer.x(), room.left(), room.right()), _speed(pointer.y(), room.top(), room.bottom())
        )
        if self._by.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Stop moving."""
        self._timer.stop()

    def _move(self) -> None:
        self._pan(self._by.x(), self._by.y())


def _speed(at: float, first: int, last: int) -> int:
    """Return by how many pixels to move the picture: to the right (below) where the pointer is at the left (top)."""
    depth = max(first + BORDER - at, 0.0) - max(at - last + BORDER, 0.0)
    return round(max(-1.0, min(1.0, depth / BORDER)) * FASTEST)
