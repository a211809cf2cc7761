"""The ground of the canvas: a quiet grid of dots that nodes snap to."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradviz.canvas.gestures import GRID
from gradviz.picture import Theme, unit_of

CLOSEST = 14.0
"""Screen pixels between dots, at least: where they would be closer, every fourth is drawn."""


def paint_grid(painter: QPainter, area: QRectF, zoom: float, theme: Theme) -> None:
    """Draw the dots that lie in `area`, in picture coordinates."""
    step = GRID * unit_of(theme)
    while step * zoom < CLOSEST:
        step *= 4
    across = range(floor(area.left() / step), ceil(area.right() / step) + 1)
    down = range(floor(area.top() / step), ceil(area.bottom() / step) + 1)
    painter.setPen(QPen(QColor(theme.grid), 1.5 / zoom))
    painter.drawPoints(_dots(across, down, step))


@lru_cache(maxsize=4)
def _dots(across: range, down: range, step: float) -> QPolygonF:
    """Return the dots in some columns and rows."""
    return QPolygonF([QPointF(column * step, row * step) for column in across for row in down])
