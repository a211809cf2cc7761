"""What is selected and what the pointer meets, drawn over the picture: neither makes a new picture."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.canvas.parts import Parts
from gradviz.canvas.picking import Hit
from gradviz.graph import NodeId, Port
from gradviz.picture import Geometry, Theme

LEAST_WIDTH = 1.5
"""Screen pixels that a mark is wide, at least, however far away the graph is."""


def paint_wires(painter: QPainter, parts: Parts, theme: Theme, wires: Collection[Port]) -> None:
    """Draw selected wires in the colour of selection."""
    _paint_wires(painter, parts, wires, _pen(painter, theme, theme.wire_width + 2.0))


def paint_rings(painter: QPainter, geometry: Geometry, theme: Theme, nodes: Collection[NodeId]) -> None:
    """Draw a ring around every selected node."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ring_pen(painter, theme))
    for node in nodes:
        if node in geometry.index:
            paint_ring(painter, QRectF(*geometry.rect(node)), theme)


def paint_ring(painter: QPainter, card: QRectF, theme: Theme) -> None:
    """Draw the ring of selection around a card, with the pen that is set."""
    distance = theme.ring_width + 2 * theme.stroke_width
    ring = card.adjusted(-distance, -distance, distance, distance)
    painter.drawRoundedRect(ring, theme.radius + distance, theme.radius + distance)


def ring_pen(painter: QPainter, theme: Theme) -> QPen:
    """Return the pen of the ring of selection."""
    return _pen(painter, theme, 2 * theme.stroke_width)


def paint_hover(painter: QPainter, geometry: Geometry, parts: Parts, theme: Theme, hit: Hit) -> None:
    """Mark the port that the pointer meets, or the wire, or all wires of the node."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if hit.node is not None and hit.slot is not None:
        point = port_point(geometry, hit.node, hit.slot)
        if point is not None:
            painter.setPen(_pen(painter, theme, 2.0))
            painter.drawEllipse(point, theme.port_radius + 3.0, theme.port_radius + 3.0)
    wires = hovered_wires(geometry, hit)
    _paint_wires(painter, parts, wires, _pen(painter, theme, theme.wire_width + 1.0, 0.8))


def hovered_wires(geometry: Geometry, hit: Hit) -> list[Port]:
    """Return the wires that are marked where the pointer meets something: the one, or all of a node."""
    if hit.wire is not None:
        return [hit.wire]
    if hit.node is None or hit.is_port or hit.node not in geometry.index:
        return []
    row = geometry.index[hit.node]
    return [geometry.ports[wire] for wire in np.flatnonzero((geometry.sources == row) | (geometry.sinks == row))]


def port_point(geometry: Geometry, node: NodeId, slot: int) -> QPointF | None:
    """Return where a port is, slot `OUTPUT` for the output; None where there is none."""
    if node not in geometry.index:
        return None
    if slot < 0:
        return QPointF(*geometry.output_point(node))
    return QPointF(*geometry.input_point(node, slot)) if slot < len(geometry.layout(node).ports) else None


def _paint_wires(painter: QPainter, parts: Parts, wires: Collection[Port], pen: QPen) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for path in filter(None, map(parts.path, wires)):
        painter.drawPath(path)


def _pen(painter: QPainter, theme: Theme, width: float, opacity: float = 1.0) -> QPen:
    colour = QColor(theme.selection)
    colour.setAlphaF(opacity)
    return QPen(colour, max(width, LEAST_WIDTH / painter.worldTransform().m11()))
