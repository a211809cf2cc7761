"""What a palette entry becomes on the canvas: a node or a leaf, under a fresh name, wired where that was asked."""

from __future__ import annotations

import numpy as np

from gradviz.errors import GradvizError
from gradviz.graph import (
    Document,
    NodeId,
    Place,
    Port,
    Tensor,
    add_leaf,
    add_node,
    connect,
    connection_problem,
    fresh_name,
    ports_of,
    starting_params,
    stem_of,
)
from gradviz.workspace import leaf_role


def add_entry(document: Document, what: str, place: Place, source: NodeId | None = None) -> tuple[Document, NodeId]:
    """Return the document with an op, or a leaf of ones, at `place`, and its name.

    With a `source`, its result is wired into the first port that takes it.
    """
    role = leaf_role(what)
    if role is not None:
        node = fresh_name(document, "x" if role != "constant" else "c")
        return add_leaf(document, node, Tensor(np.ones(())), role=role, place=place), node
    node = fresh_name(document, stem_of(what))
    after = add_node(document, node, what, starting_params(what), place=place)
    return (_wired(after, source, node) if source is not None else after), node


def _wired(document: Document, source: NodeId, node: NodeId) -> Document:
    ports = [Port(node, name) for name in ports_of(document.nodes[node])]
    fitting = [port for port in ports if connection_problem(document, source, port) is None]
    if not ports:
        return document
    try:
        return connect(document, source, (fitting or ports)[0])
    except GradvizError:
        return document
