"""What a person does to wires: connect, disconnect, and change how many ports a node has."""

from __future__ import annotations

from collections.abc import Iterable

from gradviz.errors import EditRefusedError
from gradviz.graph.dag import reaches
from gradviz.graph.edits import slots_for
from gradviz.graph.model import Document, Node, NodeId, Port
from gradviz.graph.ports import op_of, ports_of
from gradviz.graph.refusals import as_port, known_port, node_at, refuse_unknown


def connect(document: Document, source: NodeId, port: tuple[NodeId, str]) -> Document:
    """Return the document with `source` wired into `port`, in place of what fed it.

    Where the op takes any number of inputs, the port that comes next (`x2` of a node with `x0` and `x1`) is added.
    """
    refuse_unknown(document, [source])
    grown = _with_next_port(document, as_port(port))
    found = known_port(grown, port)
    if grown.wires.get(found) == source:
        return document
    refuse_loop(document, source, found.node)
    return grown.changed(wires={**grown.wires, found: source})


def refuse_loop(document: Document, source: NodeId, node: NodeId) -> None:
    """Refuse a wire from `source` to `node` that would close a loop."""
    if source == node:
        raise EditRefusedError('"{node}" cannot feed itself: the wire would close a loop', node=node)
    if reaches(document.computation, node, source):
        raise EditRefusedError(
            '"{source}" already depends on "{node}": the wire would close a loop', source=source, node=node
        )


def next_port(document: Document, node: NodeId) -> Port | None:
    """Return the port that connecting would add to a node whose op takes any number of inputs; None for other ops."""
    found = node_at(document, node)
    op = op_of(found)
    return Port(node, op.ports(found.slots + 1)[-1]) if op.variadic else None


def _with_next_port(document: Document, port: tuple[NodeId, str]) -> Document:
    if port != next_port(document, port[0]):
        return document
    return set_slots(document, port[0], node_at(document, port[0]).slots + 1)


def disconnect(document: Document, port: tuple[NodeId, str]) -> Document:
    """Return the document without the wire into a port."""
    return detach(document, [port])


def detach(document: Document, ports: Iterable[tuple[NodeId, str]]) -> Document:
    """Return the document without the wires into some ports; a port without a wire stays as it is."""
    gone = {known_port(document, port) for port in ports}
    if gone.isdisjoint(document.wires):
        return document
    return document.changed(wires={port: source for port, source in document.wires.items() if port not in gone})


def set_slots(document: Document, node: NodeId, slots: int) -> Document:
    """Return the document with another number of ports at a node; the last ports go, with their wires."""
    found = node_at(document, node)
    wanted = slots_for(op_of(found), node, slots, 0)
    if wanted == found.slots:
        return document
    made = Node(found.op, found.params, wanted)
    gone = {Port(node, name) for name in ports_of(found)} - {Port(node, name) for name in ports_of(made)}
    return detach(document, gone).changed(nodes={**document.nodes, node: made})


def remove_slot(document: Document, port: tuple[NodeId, str]) -> Document:
    """Return the document without one port of a node whose op takes any number; the ports behind it move up."""
    found = known_port(document, port)
    ports = ports_of(document.nodes[found.node])
    behind = ports[ports.index(found.name) :]
    shifted = dict(zip(behind[1:], behind[:-1], strict=True))
    shorter = set_slots(document, found.node, len(ports) - 1)
    wires = {
        Port(other.node, shifted.get(other.name, other.name)) if other.node == found.node else other: source
        for other, source in document.wires.items()
        if other != found
    }
    return shorter.changed(wires=wires)
