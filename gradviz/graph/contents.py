"""What a person does to one node: its parameters, the tensor and the role of a leaf."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from numpy.typing import ArrayLike

from gradviz.graph.edits import known_role, read_params, tensor_for
from gradviz.graph.model import Document, Leaf, Node, NodeId, Role, Tensor
from gradviz.graph.ports import op_of
from gradviz.graph.refusals import known_op, leaf_at, node_at
from gradviz.graph.tensors import are_same_bits, are_same_tensors, with_cell
from gradviz.ops import REQUIRED, Op

_STARTING: Final[Mapping[str, Any]] = {
    "integer": 1,
    "integers": 1,
    "number": 0,
    "flag": False,
    "axis": 0,
    "axes": 0,
    "permutation": (0,),
    "shape": (-1,),
    "sizes": 1,
    "widths": 1,
    "pairing": 1,
    "index": (...,),
    "dtype": "float64",
    "equation": "...,...->...",
}


def set_params(document: Document, node: NodeId, params: Mapping[str, Any]) -> Document:
    """Return the document with other parameters at a node; those that are not given take their defaults."""
    found = node_at(document, node)
    op = op_of(found)
    read = read_params(op, node, params)
    if _as_text(op, read) == _as_text(op, found.params):
        return document
    return _with_node(document, node, Node(found.op, read, found.slots))


def _as_text(op: Op, params: Mapping[str, Any]) -> str:
    return json.dumps(op.write_params(params))


def _with_node(document: Document, node: NodeId, made: Node | Leaf) -> Document:
    return document.changed(nodes={**document.nodes, node: made})


def starting_params(op: str) -> Mapping[str, Any]:
    """Return parameters with which a node of an op can be put down before a person has chosen any."""
    record = known_op(op)
    required = {name: param for name, param in record.params.items() if param.default is REQUIRED}
    given = {
        name: param.choices[0] if param.kind == "choice" else _STARTING[param.kind] for name, param in required.items()
    }
    return record.read_params(given)


def set_role(document: Document, node: NodeId, role: Role) -> Document:
    """Return the document with a leaf in another role."""
    leaf = leaf_at(document, node)
    role = known_role(role)
    return document if leaf.role == role else _with_node(document, node, Leaf(role, leaf.tensor))


def set_tensor(document: Document, node: NodeId, tensor: Tensor | ArrayLike) -> Document:
    """Return the document with another tensor in a leaf."""
    leaf = leaf_at(document, node)
    made = tensor_for(node, tensor)
    if are_same_tensors(made, leaf.tensor):
        return document
    return _with_node(document, node, Leaf(leaf.role, made))


def set_tensors(document: Document, tensors: Mapping[NodeId, Tensor | ArrayLike]) -> Document:
    """Return the document with other tensors in some of its leaves, as `set_tensor` puts them there one by one."""
    for node, tensor in tensors.items():
        document = set_tensor(document, node, tensor)
    return document


def set_cell(document: Document, node: NodeId, index: tuple[int, ...], value: float) -> Document:
    """Return the document with another number in one cell of a leaf; the tensor forgets the recipe that made it."""
    leaf = leaf_at(document, node)
    array = with_cell(leaf.value, tuple(index), value)
    if are_same_bits(array, leaf.value):
        return document
    array.flags.writeable = False
    return _with_node(document, node, Leaf(leaf.role, Tensor(array)))
