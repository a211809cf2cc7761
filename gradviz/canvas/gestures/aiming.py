"""What the free end of a wire points at: the wire that it would make, or why it would make none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from gradviz.graph import (
    Document,
    Leaf,
    NodeId,
    Port,
    compatible_sources,
    connection_problem,
    next_port,
    ports_of,
)
from gradviz.picture import OUTPUT, Geometry

SNAP = 24.0
"""Screen pixels within which a port attracts the end of a wire."""


@dataclass(frozen=True)
class Aim:
    """The wire from `source` into `port` that would be made, ending at `end`, and what is wrong with it, if anything.

    Where there is nothing to connect to, `port` is None, and `problem` says why.
    """

    end: QPointF
    source: NodeId
    port: Port | None
    problem: str | None


@dataclass(frozen=True, eq=False)
class HeldWire:
    """A wire in the hand: it stays at the output of `source`, or at the input `port`; the other end is free.

    `loose` is the port that the free end was taken off.
    """

    document: Document
    geometry: Geometry
    source: NodeId | None = None
    port: Port | None = None
    loose: Port | None = None
    _known: dict[Port, str | None] = field(default_factory=dict)

    @property
    def fixed_point(self) -> QPointF:
        """Where the end is that stays."""
        if self.source is not None:
            return QPointF(*self.geometry.output_point(self.source))
        return self._input_point(self.port) if self.port else QPointF()

    def aim_at(self, at: QPointF, reach: float) -> Aim | None:
        """Return what the free end means at a point: the nearest port within `reach`, or the card there, or None."""
        return self._aim_at_port(at, reach) or self._aim_at_card(self.geometry.node_at(at.x(), at.y()), at)

    def ends(self, area: QRectF) -> Iterator[tuple[QPointF, bool]]:
        """Yield where, within an area, the free end could go, and whether it fits there."""
        geometry = self.geometry
        if self.source is not None:
            for row in _rows_in(geometry.inputs, area):
                port = self._port(geometry.ids[geometry.input_nodes[row]], int(geometry.input_slots[row]))
                yield QPointF(*geometry.inputs[row].tolist()), self.problem(self.source, port) is None
        elif self.port is not None:
            for row in _rows_in(geometry.outputs, area):
                yield QPointF(*geometry.outputs[row].tolist()), geometry.ids[row] in self._fitting_sources

    @cached_property
    def _fitting_sources(self) -> Collection[NodeId]:
        return frozenset() if self.port is None else frozenset(compatible_sources(self.document, self.port))

    def problem(self, source: NodeId, port: Port) -> str | None:
        """Return why a wire would not work, asked once for each port."""
        key = port if self.source is not None else Port(source, "")
        if key not in self._known:
            self._known[key] = connection_problem(self.document, source, port)
        return self._known[key]

    def _aim_at_port(self, at: QPointF, reach: float) -> Aim | None:
        geometry = self.geometry
        row = _nearest(geometry.outputs if self.source is None else geometry.inputs, at, reach)
        if row is None:
            return None
        if self.source is None:
            return self._aim_at_output(geometry.ids[row])
        return self._aim_at_input(self._port(geometry.ids[geometry.input_nodes[row]], int(geometry.input_slots[row])))

    def _aim_at_output(self, source: NodeId) -> Aim | None:
        if self.port is None:
            return None
        return Aim(QPointF(*self.geometry.output_point(source)), source, self.port, self.problem(source, self.port))

    def _aim_at_input(self, port: Port) -> Aim | None:
        if self.source is None:
            return None
        return Aim(self._input_point(port), self.source, port, self.problem(self.source, port))

    def _aim_at_card(self, node: NodeId | None, at: QPointF) -> Aim | None:
        """Aim at a card's output, or at its first free port that fits, or its first free port."""
        if node is None:
            return None
        if self.source is None:
            return self._aim_at_output(node)
        found = self.document.nodes[node]
        if isinstance(found, Leaf):
            return Aim(at, self.source, None, f'"{node}" is a leaf: it has no inputs')
        ports = [Port(node, name) for name in ports_of(found)]
        free = [port for port in ports if port not in self.document.wires or port == self.loose]
        more = next_port(self.document, node)
        if more is not None and not free:
            free = [more]
        if not free:
            return Aim(at, self.source, None, f'every input of "{node}" is taken: drop on one to replace its wire')
        fitting = (port for port in free if self.problem(self.source, port) is None)
        return self._aim_at_input(next(fitting, free[0]))

    def _port(self, node: NodeId, slot: int) -> Port:
        return Port(node, self.geometry.layout(node).ports[slot])

    def _input_point(self, port: Port) -> QPointF:
        """Return where a port is; one that is still to come is at the lower left corner of its card."""
        ports = self.geometry.layout(port.node).ports
        if port.name in ports:
            return QPointF(*self.geometry.input_point(port.node, ports.index(port.name)))
        return QRectF(*self.geometry.rect(port.node)).bottomLeft()


def hold(document: Document, geometry: Geometry, node: NodeId, slot: int) -> HeldWire:
    """Return the wire that a press on a port takes: a new one, or, at an input that is wired, the one that is there."""
    if slot == OUTPUT:
        return HeldWire(document, geometry, source=node)
    port = Port(node, geometry.layout(node).ports[slot])
    if port in document.wires:
        return HeldWire(document, geometry, source=document.wires[port], loose=port)
    return HeldWire(document, geometry, port=port)


def _nearest(points: NDArray[np.float64], at: QPointF, reach: float) -> int | None:
    """Return the row of the point nearest to a place, if it is within reach."""
    if not len(points):
        return None
    gaps = np.hypot(points[:, 0] - at.x(), points[:, 1] - at.y())
    nearest = int(np.argmin(gaps))
    return nearest if gaps[nearest] <= reach else None


def _rows_in(points: NDArray[np.float64], area: QRectF) -> list[int]:
    """Return the rows of the points in an area."""
    inside = (points[:, 0] >= area.left()) & (points[:, 0] <= area.right())
    inside &= (points[:, 1] >= area.top()) & (points[:, 1] <= area.bottom())
    return [int(row) for row in np.flatnonzero(inside)]
