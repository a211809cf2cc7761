"""What every edit asks before it changes anything, and the sentences with which it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from gradviz.errors import EditRefusedError, FormatError
from gradviz.graph.limits import LIMITS
from gradviz.graph.model import Document, Leaf, Node, NodeId, Port
from gradviz.graph.naming import quoted, refuse_bad_name
from gradviz.graph.ports import ports_of
from gradviz.ops import Op, get

_SEARCHED = 2_000


def refuse_unknown(document: Document, nodes: Iterable[object]) -> None:
    """Refuse names that no node has, with the nearest name that one has."""
    for node in nodes:
        if not isinstance(node, str) or node not in document.nodes:
            name = node if isinstance(node, str) else str(node)
            alike = get_close_matches(name, document.nodes, 1) if len(document.nodes) <= _SEARCHED else []
            raise EditRefusedError(
                "there is no node named {name}{hint}",
                name=quoted(name),
                hint=f'; did you mean "{alike[0]}"?' if alike else "",
            )


def refuse_new_name(document: Document, node: NodeId) -> None:
    """Refuse a name that cannot be one, or that another node has."""
    refuse_bad_name(node)
    if node in document.nodes:
        raise EditRefusedError('there is a node named "{node}" already: take another name', node=node)


def refuse_too_many(document: Document, more: int) -> None:
    """Refuse to grow beyond the number of nodes that a document may have."""
    if len(document.nodes) + more > LIMITS.nodes:
        raise EditRefusedError("a document has at most {limit:,} nodes", limit=LIMITS.nodes)


def leaf_at(document: Document, node: NodeId) -> Leaf:
    """Return a leaf, or refuse a node that is none."""
    refuse_unknown(document, [node])
    leaf = document.nodes[node]
    if not isinstance(leaf, Leaf):
        raise EditRefusedError('{op} "{node}" computes its value: only a leaf holds one', op=leaf.op, node=node)
    return leaf


def node_at(document: Document, node: NodeId) -> Node:
    """Return a node that computes, or refuse a leaf."""
    refuse_unknown(document, [node])
    found = document.nodes[node]
    if isinstance(found, Leaf):
        raise EditRefusedError('"{node}" is a leaf: it has no op, no parameters and no inputs', node=node)
    return found


def known_op(op: str) -> Op:
    """Return an op by its name or an alias of it, or refuse, with the nearest names."""
    try:
        return get(op)
    except FormatError as error:
        raise error.told_as(EditRefusedError) from None


def as_port(port: object) -> Port:
    """Return a port of what is one or a pair, or refuse."""
    if isinstance(port, tuple | list) and len(port) == len(Port._fields):
        return Port(*port)
    raise EditRefusedError('a port is the name of a node and of one of its inputs, such as ("h", "a")')


def known_port(document: Document, port: tuple[NodeId, str]) -> Port:
    """Return a port that its node has, or refuse with the ports that it has."""
    node, name = as_port(port)
    found = node_at(document, node)
    ports = ports_of(found)
    if name not in ports:
        shown = ports if len(ports) <= 8 else (*ports[:3], "…", ports[-1])
        raise EditRefusedError(
            '{op} "{node}" has no input {port}; it has {ports}',
            op=found.op,
            node=node,
            port=quoted(str(name)),
            ports=", ".join(shown),
        )
    return Port(node, name)
