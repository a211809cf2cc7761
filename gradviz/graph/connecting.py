"""Which wires would fit, while a person still holds one end of it: nothing is edited, nothing computed."""

from __future__ import annotations

from collections.abc import Collection

from gradviz.errors import EditRefusedError, FormatError, LimitError, ShapeError
from gradviz.graph.check import Report, check, infer
from gradviz.graph.dag import ancestors, descendants
from gradviz.graph.model import Computation, Document, Leaf, Node, NodeId, Port
from gradviz.graph.ports import op_of
from gradviz.graph.refusals import known_port, refuse_unknown
from gradviz.graph.remembering import once_per_computation
from gradviz.graph.wiring import next_port, refuse_loop


def connection_problem(document: Document, source: NodeId, port: tuple[NodeId, str]) -> str | None:
    """Return why a wire from `source` into `port` would not work, in a sentence; None where it would.

    It would close a loop, or its shape or dtype does not go with what the node's other inputs bring: the op's own rules
    are asked. Where those are open or broken, nothing can be said against it. May be asked at every move of a mouse.
    """
    try:
        refuse_unknown(document, [source])
        found = Port(*port) if port == _port_to_come(document, port[0]) else known_port(document, port)
        if source == found.node or found.node in _upstream(document.computation, source):
            refuse_loop(document, source, found.node)
    except EditRefusedError as error:
        return str(error)
    return _misfit(document.computation, check(document.computation), source, found)


def _port_to_come(document: Document, node: NodeId) -> Port | None:
    return next_port(document, node) if isinstance(document.nodes.get(node), Node) else None


def _upstream(computation: Computation, source: NodeId) -> frozenset[NodeId]:
    """Return the ancestors of a node; those asked for last are kept, because a wire is held at one end for long."""
    known = _known_ancestors(computation)
    found = known.get(source)
    if found is None:
        found = ancestors(computation, source)
        known.clear()
        known[source] = found
    return found


@once_per_computation
def _known_ancestors(_computation: Computation) -> dict[NodeId, frozenset[NodeId]]:
    return {}


def _misfit(computation: Computation, report: Report, source: NodeId, port: Port) -> str | None:
    """Return the sentence of the op's shape and dtype rules against a wire, if they have one."""
    node = computation.nodes[port.node]
    if isinstance(node, Leaf):
        return None
    try:
        op = op_of(node)
        wanted = op.required_ports(node.slots)
        fed = {name: computation.wires.get(Port(port.node, name)) for name in op.ports(node.slots)} | {
            port.name: source
        }
        sources = [name for name in fed.values() if name is not None]
        if any(fed[name] is None for name in wanted) or not all(name in report.shapes for name in sources):
            return None
        infer(op, [report.shapes[name] for name in sources], [report.dtypes[name] for name in sources], node.params)
    except (ShapeError, LimitError, FormatError) as error:
        return str(error.at(node.op, port.node))
    return None


def compatible_sources(document: Document, port: tuple[NodeId, str]) -> tuple[NodeId, ...]:
    """Return all nodes that can be wired into a port without a loop or a shape that does not fit."""
    found = known_port(document, port)
    behind: Collection[NodeId] = descendants(document.computation, found.node) | {found.node}
    report = check(document.computation)
    return tuple(
        name
        for name in document.nodes
        if name not in behind and _misfit(document.computation, report, name, found) is None
    )
