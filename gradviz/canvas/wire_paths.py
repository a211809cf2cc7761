"""Wires as paths: those of the picture, and those that are under way."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from gradviz.graph import Port
from gradviz.picture import Geometry


def wire_path(geometry: Geometry, wire: Port) -> QPainterPath:
    """Return the path of a wire of the picture, from output to input."""
    start, first, second, end = (QPointF(x, y) for x, y in geometry.curves[geometry.wire_index[wire]].tolist())
    path = QPainterPath(start)
    path.cubicTo(first, second, end)
    return path


def loose_path(start: QPointF, end: QPointF) -> QPainterPath:
    """Return the path of a wire that is under way, from an output to an input."""
    bend = max(40.0, abs(end.x() - start.x()) / 2)
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(bend, 0.0), end - QPointF(bend, 0.0), end)
    return path
