"""The op of a node, and the input ports that the op gives it."""

from __future__ import annotations

from gradviz.graph.model import Leaf, Node
from gradviz.ops import Op, get


def op_of(node: Node) -> Op:
    """Return the record of the node's op; raises `FormatError` where the catalogue has none of that name."""
    return get(node.op)


def ports_of(node: Node | Leaf) -> tuple[str, ...]:
    """Return the names of all input ports in order; a leaf has none."""
    return () if isinstance(node, Leaf) else op_of(node).ports(node.slots)
