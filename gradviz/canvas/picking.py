"""What lies under the pointer: a port, a node, a wire, or nothing."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF

from gradviz.graph import NodeId, Port
from gradviz.picture import Geometry

PORT_REACH, WIRE_REACH = 12.0, 6.0
"""Screen pixels within which the pointer meets a port or a wire."""

MOST_PORT_REACH = 16.0
"""Pixels of a document within which it does, so that from afar there is room to meet the node itself."""


class Hit(NamedTuple):
    """What was met: a port (`node` and `slot`, `OUTPUT` for its output), a node, or a wire; nothing is all None."""

    node: NodeId | None = None
    slot: int | None = None
    wire: Port | None = None

    @property
    def is_port(self) -> bool:
        """Whether a port was met."""
        return self.slot is not None

    @property
    def is_ground(self) -> bool:
        """Whether nothing was met."""
        return self.node is None and self.wire is None


GROUND = Hit()


def hit_at(geometry: Geometry, at: QPointF, pixel: float) -> Hit:
    """Return what lies on top at a point of the picture, where a screen pixel is `pixel` long."""
    x, y = at.x(), at.y()
    node = geometry.node_at(x, y)
    port = geometry.port_at(x, y, min(PORT_REACH * pixel, MOST_PORT_REACH * geometry.unit))
    if port is not None and not _covers(geometry, node, port[0]):
        return Hit(*port)
    if node is not None:
        return Hit(node)
    return Hit(wire=geometry.wire_at(x, y, WIRE_REACH * pixel))


def _covers(geometry: Geometry, node: NodeId | None, other: NodeId) -> bool:
    """Tell whether the card of a node is drawn over that of another."""
    return node is not None and geometry.index[node] > geometry.index[other]
