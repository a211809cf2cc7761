"""What a person does to a document's nodes: put them down, take them away, name them, write notes.

Every edit, here and in `wiring`, `contents`, `targets`, `places` and `fragments`, is a pure function
`Document -> Document`. One that changes nothing returns the same object. One that must not be raises
`EditRefusedError` with a sentence for the person at the screen. Documents that differ only in what shows share their
`computation`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from gradviz.errors import EditRefusedError, ShapeError
from gradviz.graph.limits import LIMITS
from gradviz.graph.model import ROLES, Document, Leaf, Node, NodeId, Port, Role, Tensor, Training
from gradviz.graph.places import as_place, free_place
from gradviz.graph.refusals import known_op, refuse_new_name, refuse_too_many, refuse_unknown
from gradviz.graph.tensors import as_tensor
from gradviz.ops import Op

Value = TypeVar("Value")


def add_leaf(
    document: Document,
    node: NodeId,
    tensor: Tensor | ArrayLike,
    role: Role = "variable",
    place: tuple[float, float] | None = None,
) -> Document:
    """Return the document with a new leaf; without a place it stands below the nodes at the left."""
    refuse_new_name(document, node)
    refuse_too_many(document, 1)
    return _with_node(document, node, Leaf(known_role(role), tensor_for(node, tensor)), {}, place)


def tensor_for(node: NodeId, tensor: Tensor | ArrayLike) -> Tensor:
    """Return what a leaf shall hold as a tensor, or refuse it in a sentence that names the leaf."""
    try:
        return as_tensor(tensor)
    except EditRefusedError as error:
        raise error.at("leaf", node) from error


def known_role(role: str) -> Role:
    """Return a role that there is, or refuse."""
    for known in ROLES:
        if role == known:
            return known
    raise EditRefusedError('there is no role "{role}"; use {roles}', role=role, roles=", ".join(ROLES))


def add_node(
    document: Document,
    node: NodeId,
    op: str,
    params: Mapping[str, Any] | None = None,
    sources: Sequence[NodeId | None] = (),
    *,
    place: tuple[float, float] | None = None,
    slots: int | None = None,
) -> Document:
    """Return the document with a new node that computes, wired to `sources` in port order (None leaves a port open).

    `op` is a name or an alias of the catalogue, `params` are JSON or canonical. `slots` is the number of ports where
    the op takes any number: by default one per source, at least two.
    """
    refuse_new_name(document, node)
    refuse_too_many(document, 1)
    record = known_op(op)
    refuse_unknown(document, (source for source in sources if source is not None))
    made = Node(record.name, read_params(record, node, params or {}), slots_for(record, node, slots, len(sources)))
    ports = record.ports(made.slots)
    if len(sources) > len(ports):
        raise EditRefusedError(
            '{op} "{node}" has {ports}, not {sources}',
            op=record.name,
            node=node,
            ports=f"{len(ports)} input{'' if len(ports) == 1 else 's'}",
            sources=len(sources),
        )
    wires = {Port(node, name): source for name, source in zip(ports, sources, strict=False) if source is not None}
    return _with_node(document, node, made, wires, place)


def read_params(op: Op, node: NodeId, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the params of a node in canonical form, or refuse with the sentence of the op."""
    try:
        return op.read_params(params)
    except ShapeError as error:
        raise error.at(op.name, node).told_as(EditRefusedError) from None


def slots_for(op: Op, node: NodeId, slots: int | None, sources: int) -> int:
    """Return how many slots a node gets: 0 unless its op takes any number of inputs; refuses what cannot be."""
    if not op.variadic:
        if slots is not None:
            raise EditRefusedError('{op} "{node}" has a fixed number of inputs', op=op.name, node=node)
        return 0
    wanted = max(sources, 2) if slots is None else slots
    if not 1 <= wanted <= LIMITS.slots:
        raise EditRefusedError(
            '{op} "{node}" takes from 1 to {limit:,} inputs, not {slots}',
            op=op.name,
            node=node,
            limit=LIMITS.slots,
            slots=wanted,
        )
    return wanted


def _with_node(
    document: Document,
    node: NodeId,
    made: Node | Leaf,
    wires: Mapping[Port, NodeId],
    place: tuple[float, float] | None,
) -> Document:
    stands = free_place(document, tuple(wires.values())) if place is None else as_place(place)
    changes: dict[str, Any] = {"wires": {**document.wires, **wires}} if wires else {}
    return document.changed(nodes={**document.nodes, node: made}, places={**document.places, node: stands}, **changes)


def remove(document: Document, nodes: Iterable[NodeId]) -> Document:
    """Return the document without some nodes, their wires, and their being targets."""
    gone = frozenset(nodes)
    refuse_unknown(document, gone)
    if not gone:
        return document
    wires = {port: source for port, source in document.wires.items() if port.node not in gone and source not in gone}
    return document.changed(
        nodes=_without(document.nodes, gone),
        wires=wires,
        targets=_without(document.targets, gone),
        places=_without(document.places, gone),
        notes=_without(document.notes, gone),
        node_extra=_without(document.node_extra, gone),
        training=_trained_on(document, lambda data: tuple(name for name in data if name not in gone)),
    )


def _trained_on(document: Document, change: Callable[[tuple[NodeId, ...]], tuple[NodeId, ...]]) -> Training | None:
    """Return the training of a document with other data leaves; without any there are no batches."""
    training = document.training
    if training is None or (data := change(training.data)) == training.data:
        return training
    return replace(training, data=data) if data else replace(training, data=(), batch=None, held_out=0)


def _without(table: Mapping[NodeId, Value], gone: Collection[NodeId]) -> dict[NodeId, Value]:
    return {node: value for node, value in table.items() if node not in gone}


def rename(document: Document, old: NodeId, new: NodeId) -> Document:
    """Return the document with a node under another name; it keeps its position among the nodes."""
    refuse_unknown(document, [old])
    if old == new:
        return document
    refuse_new_name(document, new)
    wires = {
        Port(new, port.name) if port.node == old else port: new if source == old else source
        for port, source in document.wires.items()
    }
    return document.changed(
        nodes=_renamed(document.nodes, old, new),
        wires=wires,
        targets=_renamed(document.targets, old, new),
        places=_renamed(document.places, old, new),
        notes=_renamed(document.notes, old, new),
        node_extra=_renamed(document.node_extra, old, new),
        training=_trained_on(document, lambda data: tuple(new if name == old else name for name in data)),
    )


def _renamed(table: Mapping[NodeId, Value], old: NodeId, new: NodeId) -> dict[NodeId, Value]:
    return {new if node == old else node: value for node, value in table.items()}


def set_note(document: Document, node: NodeId, note: str) -> Document:
    """Return the document with another note at a node; an empty one takes the note away."""
    refuse_unknown(document, [node])
    if document.notes.get(node, "") == note:
        return document
    notes = {**document.notes, node: note} if note else _without(document.notes, [node])
    return replace(document, notes=notes)


def set_title(document: Document, title: str) -> Document:
    """Return the document with another title."""
    return document if document.title == title else replace(document, title=title)


def set_document_note(document: Document, note: str) -> Document:
    """Return the document with another note for the whole."""
    return document if document.note == note else replace(document, note=note)
