"""A whole document at once, for whoever has all its nodes already: a file, an expression, another program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradviz.graph.arrange import arrange
from gradviz.graph.check import check
from gradviz.graph.dag import order
from gradviz.graph.edits import known_role, read_params, slots_for, tensor_for
from gradviz.graph.model import Computation, Document, Leaf, Node, NodeId, Place, Port, Seed
from gradviz.graph.naming import refuse_bad_name
from gradviz.graph.places import as_place, likely_size
from gradviz.graph.ports import ports_of
from gradviz.graph.refusals import known_op, known_port, refuse_too_many, refuse_unknown
from gradviz.graph.seeds import as_seed


def build(
    nodes: Mapping[NodeId, Node | Leaf],
    wires: Mapping[tuple[NodeId, str], NodeId],
    targets: Mapping[NodeId, Seed] | None = None,
    places: Mapping[NodeId, tuple[float, float]] | None = None,
    **shown: Any,
) -> Document:
    """Return the document of these nodes and wires, in time that grows with their number.

    What single edits would refuse is refused with the same sentences, and so is a loop. Ops may stand under an alias,
    params may be JSON; slots that are 0 become as many as there are wires. Nodes without a place are arranged.
    `shown` are the other fields of a `Document`: notes, title, note, node_extra, extra.
    """
    refuse_too_many(Document(), len(nodes))
    counts = _wires_into(wires)
    made = {name: _made(name, node, counts.get(name, 0)) for name, node in nodes.items()}
    seeds = {name: as_seed(seed) for name, seed in (targets or {}).items()}
    document = Document(Computation(made, {}, seeds), **shown)
    for table in (document.targets, document.notes, document.node_extra, places or {}, wires.values()):
        refuse_unknown(document, table)
    document = document.changed(wires=_known_wires(document, wires))
    order(document.computation)
    return _placed(document, {name: as_place(place) for name, place in (places or {}).items()})


def _wires_into(wires: Mapping[tuple[NodeId, str], NodeId]) -> Mapping[NodeId, int]:
    counts: dict[NodeId, int] = {}
    for node, _ in wires:
        counts[node] = counts.get(node, 0) + 1
    return counts


def _made(name: NodeId, node: Node | Leaf, wires: int) -> Node | Leaf:
    refuse_bad_name(name)
    if isinstance(node, Leaf):
        return Leaf(known_role(node.role), tensor_for(name, node.tensor))
    op = known_op(node.op)
    return Node(op.name, read_params(op, name, node.params), slots_for(op, name, node.slots or None, wires))


def _known_wires(document: Document, wires: Mapping[tuple[NodeId, str], NodeId]) -> Mapping[Port, NodeId]:
    """Return wires by ports that exist; a node's ports are listed once, however many wires it has."""
    ports = {(name, slot) for name, node in document.nodes.items() for slot in ports_of(node)}
    return {Port(*port) if port in ports else known_port(document, port): source for port, source in wires.items()}


def _placed(document: Document, places: Mapping[NodeId, Place]) -> Document:
    """Return the document with a place for every node; those that bring none are arranged, around the others."""
    missing = [name for name in document.nodes if name not in places]
    standing = replace(document, places={name: places.get(name, Place(0.0, 0.0)) for name in document.nodes})
    if not missing:
        return standing
    shapes = check(standing.computation).shapes
    found = arrange(standing, {name: likely_size(name, shapes.get(name)) for name in document.nodes}, missing)
    return replace(standing, places={**standing.places, **found})
