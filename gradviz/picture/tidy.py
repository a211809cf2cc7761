"""Laying out with the sizes that cards really have."""

from __future__ import annotations

from collections.abc import Iterable

from gradviz.graph import Document, NodeId, arrange, check, move
from gradviz.picture.geometry import node_sizes
from gradviz.picture.theme import Theme


def tidied(document: Document, theme: Theme, nodes: Iterable[NodeId] | None = None) -> Document:
    """Return the document with its nodes, or some of them, laid out in layers, so that no cards overlap."""
    return move(document, arrange(document, node_sizes(document, check(document.computation), theme), nodes))
