"""What a palette entry becomes on the canvas: a node or a leaf, under a fresh name, wired where that was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.formats import add_dataset, make_tensor
from gradviz.graph import (
    Document,
    NodeId,
    Place,
    Port,
    Recipe,
    Tensor,
    add_leaf,
    add_node,
    check,
    connect,
    connection_problem,
    fresh_name,
    ports_of,
    starting_params,
    stem_of,
)
from gradviz.ops import Dtype, Shape, find
from gradviz.workspace import LeafEntry, fresh_seed, leaf_entry


def add_entry(
    document: Document, what: str, place: Place, source: NodeId | None = None, port: Port | None = None
) -> tuple[Document, NodeId]:
    """Return the document with an op, a leaf, or the leaves of a data set, at `place`, and its name.

    The result of `source` is wired into the first port that takes it, what is added into `port`; a leaf is made in a
    shape that goes there. Where that cannot be, it is added without the wire.
    """
    entry = leaf_entry(what)
    if entry is not None and entry.dataset:
        after, (node, _) = add_dataset(document, entry.dataset, place)
        return (after if port is None else _connected(after, node, port)), node
    if entry is not None:
        return _add_leaf(document, entry, place, port)
    op = find(what)
    node = fresh_name(document, stem_of(what if op is None else op.name))
    after = add_node(document, node, what, starting_params(what), place=place)
    if source is not None:
        ports = [Port(node, name) for name in ports_of(after.nodes[node])]
        fitting = [each for each in ports if connection_problem(after, source, each) is None]
        after = _connected(after, source, (fitting or ports)[0]) if ports else after
    return (after if port is None else _connected(after, node, port)), node


def _add_leaf(document: Document, entry: LeafEntry, place: Place, port: Port | None) -> tuple[Document, NodeId]:
    node = fresh_name(document, "c" if entry.role == "constant" else "x")
    usual = _tensor(document, entry, _RANDOM_SHAPE if entry.recipe else (), np.dtype(np.float64))
    after = add_leaf(document, node, usual, role=entry.role, place=place)
    if port is None:
        return after, node
    for shape, dtype in _likely_kinds(document, port):
        shaped = add_leaf(document, node, _tensor(document, entry, shape, dtype), role=entry.role, place=place)
        if connection_problem(shaped, node, port) is None:
            return _connected(shaped, node, port), node
    return _connected(after, node, port), node


_RANDOM_SHAPE: Final = (2, 3)


def _tensor(document: Document, entry: LeafEntry, shape: Shape, dtype: Dtype) -> Tensor:
    """Return what a new leaf holds: ones, or random numbers that no other leaf has."""
    if not entry.recipe:
        return Tensor(np.ones(shape, dtype))
    return make_tensor(Recipe(entry.recipe, {"seed": fresh_seed(document)}), shape, dtype)


def _likely_kinds(document: Document, port: Port) -> Iterator[tuple[Shape, Dtype]]:
    """Yield shapes and dtypes like those at the other inputs of a port's node, then turned round, then a number's."""
    report = check(document.computation)
    for name in ports_of(document.nodes[port.node]):
        beside = document.wires.get(Port(port.node, name))
        if name != port.name and beside is not None and beside in report.shapes:
            shape, dtype = report.shapes[beside], report.dtypes[beside]
            dtype = dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float64)
            yield shape, dtype
            yield shape[::-1], dtype
    yield (), np.dtype(np.float64)


def _connected(document: Document, source: NodeId, port: Port) -> Document:
    try:
        return connect(document, source, port)
    except GradvizError:
        return document
