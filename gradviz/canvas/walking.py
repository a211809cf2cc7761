"""Going through the graph by keyboard: along the wires, and from one node or wire to the next."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, TypeVar

from gradviz.canvas.picking import GROUND, Hit
from gradviz.graph import NodeId, Port
from gradviz.picture import Geometry

Thing = TypeVar("Thing")
Way = Literal["left", "right", "up", "down"]


def next_on_the_way(geometry: Geometry, nodes: Collection[NodeId], wires: Collection[Port], way: Way) -> Hit:
    """Return where a step leads from what is selected; the ground where there are no nodes.

    Left and right go along the wires: from a node to a wire of it, from a wire to the node at its end. Up and down go
    to the node or wire before or after, in reading order (columns from the left), and round at the ends. From
    nothing every step leads to the first node.
    """
    if not geometry.ids:
        return GROUND
    known_wires = [wire for wire in wires_in_order(geometry) if wire in wires]
    if known_wires and not nodes:
        return _from_wire(geometry, known_wires[0], way)
    known = [node for node in nodes_in_order(geometry) if node in nodes]
    return _from_node(geometry, known[0], way) if known else Hit(nodes_in_order(geometry)[0])


def nodes_in_order(geometry: Geometry) -> list[NodeId]:
    """Return all nodes as they are read: columns from the left, each from above."""
    corners = geometry.rects[:, :2].tolist()
    return [geometry.ids[row] for row in sorted(range(len(geometry.ids)), key=lambda row: corners[row])]


def wires_in_order(geometry: Geometry) -> list[Port]:
    """Return all wires in the order of the nodes that they enter, and of the ports there."""
    rank = {node: index for index, node in enumerate(nodes_in_order(geometry))}
    return sorted(geometry.ports, key=lambda port: (rank[port.node], geometry.layout(port.node).ports.index(port.name)))


def _from_node(geometry: Geometry, node: NodeId, way: Way) -> Hit:
    if way in {"up", "down"}:
        return Hit(_beside(nodes_in_order(geometry), node, way))
    wires = wires_in_order(geometry)
    if way == "left":
        found = [wire for wire in wires if wire.node == node]
    else:
        found = [wire for wire in wires if source_of(geometry, wire) == node]
    return Hit(wire=found[0]) if found else Hit(node)


def _from_wire(geometry: Geometry, wire: Port, way: Way) -> Hit:
    if way == "right":
        return Hit(wire.node)
    if way == "left":
        return Hit(source_of(geometry, wire))
    return Hit(wire=_beside(wires_in_order(geometry), wire, way))


def source_of(geometry: Geometry, wire: Port) -> NodeId:
    """Return the node where a wire begins."""
    return geometry.ids[int(geometry.sources[geometry.wire_index[wire]])]


def _beside(things: list[Thing], thing: Thing, way: Way) -> Thing:
    return things[(things.index(thing) + (1 if way == "down" else -1)) % len(things)]
