"""Parts of a document that are copied, pasted and duplicated. A fragment is a document itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from gradviz.graph.model import Document, NodeId, Place, Port
from gradviz.graph.naming import next_name
from gradviz.graph.places import as_place
from gradviz.graph.refusals import refuse_too_many, refuse_unknown

Value = TypeVar("Value")


def extract(document: Document, nodes: Iterable[NodeId]) -> Document:
    """Return a document of some nodes, with the wires between them, their seeds, places and notes."""
    chosen = frozenset(nodes)
    refuse_unknown(document, chosen)
    wires = {port: source for port, source in document.wires.items() if port.node in chosen and source in chosen}
    return Document().changed(
        nodes=_of(document.nodes, chosen),
        wires=wires,
        targets=_of(document.targets, chosen),
        places=_of(document.places, chosen),
        notes=_of(document.notes, chosen),
        node_extra=_of(document.node_extra, chosen),
    )


def _of(table: Mapping[NodeId, Value], chosen: frozenset[NodeId]) -> dict[NodeId, Value]:
    return {node: value for node, value in table.items() if node in chosen}


def insert(document: Document, fragment: Document, at: tuple[float, float]) -> tuple[Document, Mapping[NodeId, NodeId]]:
    """Return the document with a fragment pasted in, and under which name each node of it now goes.

    The fragment's upper left corner comes to stand at `at`. A name that is taken is numbered. Targets come along where
    the document has none: pasting does not change what a document differentiates.
    """
    refuse_too_many(document, len(fragment.nodes))
    corner = as_place(at)
    if not fragment.nodes:
        return document, {}
    left = min((place.x for place in fragment.places.values()), default=0.0)
    top = min((place.y for place in fragment.places.values()), default=0.0)
    return _joined(document, fragment, Place(corner.x - left, corner.y - top))


def _joined(document: Document, fragment: Document, shift: Place) -> tuple[Document, Mapping[NodeId, NodeId]]:
    names = _free_names(document, fragment)
    wires = {Port(names[port.node], port.name): names[source] for port, source in fragment.wires.items()}
    origin = Place(0.0, 0.0)
    places = {name: fragment.places.get(name, origin) for name in fragment.nodes}
    moved = {names[name]: as_place((place.x + shift.x, place.y + shift.y)) for name, place in places.items()}
    targets = document.targets or _under(fragment.targets, names)
    joined = document.changed(
        nodes={**document.nodes, **_under(fragment.nodes, names)},
        wires={**document.wires, **wires},
        targets=targets,
        places={**document.places, **moved},
        notes={**document.notes, **_under(fragment.notes, names)},
        node_extra={**document.node_extra, **_under(fragment.node_extra, names)},
    )
    return joined, names


def _under(table: Mapping[NodeId, Value], names: Mapping[NodeId, NodeId]) -> dict[NodeId, Value]:
    return {names[node]: value for node, value in table.items()}


def _free_names(document: Document, fragment: Document) -> Mapping[NodeId, NodeId]:
    """Return a free name for each node of the fragment: its own where that is free, else numbered."""
    taken = {*document.nodes, *(name for name in fragment.nodes if name not in document.nodes)}
    latest: dict[str, int] = {}
    names = {}
    for name in fragment.nodes:
        if name not in document.nodes:
            names[name] = name
            continue
        stem = name.rstrip("0123456789")
        free = next_name(taken, name, latest.get(stem, 0) + 1)
        latest[stem] = int(free[len(stem) :]) if free.startswith(stem) else 0
        taken.add(free)
        names[name] = free
    return names


def duplicate(
    document: Document, nodes: Iterable[NodeId], shift: tuple[float, float], *, with_inputs: bool = False
) -> tuple[Document, Mapping[NodeId, NodeId]]:
    """Return the document with copies of some nodes, and under which names they go.

    They stand `shift` away from the originals. Wires between the nodes are copied; those that come from outside as
    well, where `with_inputs` says so.
    """
    fragment = extract(document, nodes)
    refuse_too_many(document, len(fragment.nodes))
    if not fragment.nodes:
        return document, {}
    joined, names = _joined(document, fragment.changed(targets={}), as_place(shift))
    outer = {
        Port(names[port.node], port.name): source
        for port, source in document.wires.items()
        if with_inputs and port.node in names and source not in names
    }
    return (joined.changed(wires={**joined.wires, **outer}) if outer else joined), names
