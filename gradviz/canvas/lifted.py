"""Nodes that are carried: taken out of the still picture, and drawn above it wherever they are.

Laying out all wires and their labels anew takes too long for every move of a mouse. So the picture stays as it is until
the nodes are put down: what is carried moves over it, and wires that lead from it elsewhere are drawn as plain lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.canvas.marks import paint_ring, ring_pen
from gradviz.canvas.wire_paths import loose_path
from gradviz.graph import Document, NodeId, Port
from gradviz.picture import Geometry, Item, Picture, Theme, font, paint

MOST_IN_FULL = 60
"""Of more carried nodes only outlines and names are drawn."""


@dataclass(frozen=True, eq=False)
class Lifted:
    """The nodes that are carried, with their part of the picture, and the rest of it."""

    nodes: frozenset[NodeId]
    carried: Picture
    rest: Picture
    geometry: Geometry
    document: Document

    def paint(self, painter: QPainter, shift: QPointF, theme: Theme, area: QRectF, scale: float) -> None:
        """Draw what is carried, `shift` away from where it was lifted; `area` is what is in view."""
        self._paint_loose_wires(painter, shift, theme)
        painter.save()
        painter.translate(shift)
        seen = area.translated(-shift)
        if len(self.nodes) <= MOST_IN_FULL:
            paint(painter, self.carried, (seen.x(), seen.y(), seen.width(), seen.height()), scale)
        cards = {node: QRectF(*self.geometry.rect(node)) for node in self.nodes}
        for node, card in cards.items():
            if seen.intersects(card):
                self._paint_card(painter, node, card, theme)
        painter.restore()

    def _paint_card(self, painter: QPainter, node: NodeId, card: QRectF, theme: Theme) -> None:
        if len(self.nodes) > MOST_IN_FULL:
            painter.setPen(QPen(QColor(theme.card_stroke), theme.stroke_width))
            painter.setBrush(QColor(theme.card))
            painter.drawRoundedRect(card, theme.radius, theme.radius)
            painter.setFont(font(theme.title_size))
            painter.setPen(QColor(theme.ink))
            painter.drawText(card, Qt.AlignmentFlag.AlignCenter, node)
        painter.setPen(ring_pen(painter, theme))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        paint_ring(painter, card, theme)

    def _paint_loose_wires(self, painter: QPainter, shift: QPointF, theme: Theme) -> None:
        painter.setPen(QPen(QColor(theme.ink), theme.wire_width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for port, source in self._loose_wires():
            start, end = self.geometry.curves[self.geometry.wire_index[port]][[0, 3]].tolist()
            from_here, to_here = source in self.nodes, port.node in self.nodes
            painter.drawPath(loose_path(QPointF(*start) + shift * from_here, QPointF(*end) + shift * to_here))

    def _loose_wires(self) -> Iterator[tuple[Port, NodeId]]:
        """Yield the wires between a carried node and one that is not, or all of them where cards are plain."""
        is_plain = len(self.nodes) > MOST_IN_FULL
        for port, source in self.document.wires.items():
            ends = (source in self.nodes) + (port.node in self.nodes)
            if port in self.geometry.wire_index and (ends == 1 or (ends == 2 and is_plain)):
                yield port, source


def lift(picture: Picture, document: Document, nodes: frozenset[NodeId]) -> Lifted:
    """Return some nodes of a picture, and the picture without them."""
    carried: list[Item] = []
    rest: list[Item] = []
    for item in picture.items:
        ends = {item.node} if item.port is None else {item.port.node, document.wires.get(item.port)}
        if ends <= nodes:
            carried.append(item)
        elif ends.isdisjoint(nodes):
            rest.append(item)
    return Lifted(
        nodes, replace(picture, items=tuple(carried)), replace(picture, items=tuple(rest)), picture.geometry, document
    )
