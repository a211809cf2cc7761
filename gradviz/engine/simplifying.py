"""Steps of a sweep that need not be taken: what multiplies by a seed of ones, what arranges and arranges back.

Only what is exact goes: the value stays the same bit for bit, for NaN and infinities too. Nothing is added to zero
(−0 would become 0), and no factor of zero wins over an infinite one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.engine.failures import FAILURES
from gradviz.graph import Leaf, Node, NodeId, Pieces, Recipe, Tensor
from gradviz.ops import Array, Dtype, Shape, get

_ARRANGING: Final = frozenset({"broadcast_to", "reshape", "permute_dims", "matrix_transpose", "expand_dims", "squeeze"})
"""Ops that take ones to ones."""
_BACK: Final = {
    "negative": "negative",
    "matrix_transpose": "matrix_transpose",
    "squeeze": "expand_dims",
    "expand_dims": "squeeze",
}
"""Ops, and the op that each of them undoes."""
_DEEPEST: Final = 4
_SMALL: Final = 64
"""Up to how many steps, and numbers, a choice among constants is looked into."""


def simplify(pieces: Pieces, op: str, sources: Sequence[NodeId], params: Mapping[str, Any]) -> NodeId | None:
    """Return the node that already is, bit for bit, what an op would make of these sources; None where none is."""
    if op == "multiply":
        return _product(pieces, *sources)
    if op == "where":
        return _decided(pieces, *sources)
    if op == "divide" and is_ones(pieces, sources[1]):
        return _stretched(pieces, sources[0], _shape(pieces, op, sources, params), _promoted(pieces, sources))
    if op in _ARRANGING and is_ones(pieces, sources[0]):
        return ones(pieces, _shape(pieces, op, sources, params), pieces.dtypes[sources[0]])
    if op in _BACK or op in _ARRANGING or op in ("sum", "astype"):
        return _unchanged(pieces, op, sources[0], params) or _undone(pieces, op, sources[0], params)
    return None


def is_ones(pieces: Pieces, node: NodeId) -> bool:
    """Tell whether a node is a constant of nothing but ones; leaves of the document count not: they may be changed."""
    made = pieces.nodes.get(node)
    if not isinstance(made, Leaf) or made.role != "constant":
        return False
    recipe = made.tensor.recipe
    return bool(np.all(made.value == 1)) if recipe is None else recipe.kind == "ones"


def ones(pieces: Pieces, shape: Shape, dtype: Dtype) -> NodeId:
    """Return a constant leaf of ones; it takes the memory of one number."""
    return pieces.constant(Tensor(np.broadcast_to(np.ones((), dtype), shape), Recipe("ones")))


def _product(pieces: Pieces, a: NodeId, b: NodeId) -> NodeId | None:
    shape, dtype = _shape(pieces, "multiply", (a, b), {}), _promoted(pieces, (a, b))
    for one, other in ((a, b), (b, a)):
        if is_ones(pieces, one):
            return _stretched(pieces, other, shape, dtype)
        if _is_minus_ones(pieces, one) and (stretched := _stretched(pieces, other, shape, dtype)) is not None:
            return pieces.node("negative", [stretched])
    return None


def _is_minus_ones(pieces: Pieces, node: NodeId) -> bool:
    made = pieces.made(node)
    return not isinstance(made, Leaf) and made.op == "negative" and is_ones(pieces, pieces.sources(node)[0])


def _decided(pieces: Pieces, condition: NodeId, a: NodeId, b: NodeId) -> NodeId | None:
    """Return the side that a rule takes where constants alone decide it: whether an exponent is zero, say."""
    holds = _constant(pieces, condition, _DEEPEST) if isinstance(pieces.nodes.get(condition), Node) else None
    side = None if holds is None else a if np.all(holds) else b if not np.any(holds) else None
    if side is None:
        return None
    return _stretched(pieces, side, _shape(pieces, "where", (condition, a, b), {}), _promoted(pieces, (a, b)))


def _constant(pieces: Pieces, node: NodeId, depth: int) -> Array | None:
    """Return the value of a node that a few constants of a few numbers make up; None of any other."""
    made = pieces.made(node)
    if prod(pieces.shapes[node]) > _SMALL or depth == 0:
        return None
    if isinstance(made, Leaf):
        return made.value if made.role == "constant" else None
    held = [_constant(pieces, source, depth - 1) for source in pieces.sources(node)]
    known = [value for value in held if value is not None]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(get(made.op).forward(*known, **made.params)) if len(known) == len(held) else None
    except FAILURES:  # values that an op cannot work with: the run will tell
        return None


def _stretched(pieces: Pieces, node: NodeId, shape: Shape, dtype: Dtype) -> NodeId | None:
    """Return a node with its numbers repeated to a shape; None where they would not keep their dtype."""
    if pieces.dtypes[node] != dtype:
        return None
    return node if pieces.shapes[node] == shape else pieces.node("broadcast_to", [node], {"shape": shape})


def _unchanged(pieces: Pieces, op: str, source: NodeId, params: Mapping[str, Any]) -> NodeId | None:
    """Return the source where an op would only give it back."""
    shape = pieces.shapes[source]
    match op:
        case "reshape" | "broadcast_to":
            is_same = _shape(pieces, op, (source,), params) == shape
        case "permute_dims":
            is_same = params["axes"] == tuple(range(len(shape))) or len(shape) < 2
        case "astype":
            is_same = pieces.dtypes[source] == params["dtype"]
        case "squeeze" | "expand_dims":
            is_same = params["axis"] == ()
        case _:
            is_same = False
    return source if is_same else None


def _undone(pieces: Pieces, op: str, source: NodeId, params: Mapping[str, Any]) -> NodeId | None:
    """Return what the op of the source was made of, where this op undoes that one."""
    made = pieces.made(source)
    if isinstance(made, Leaf) or made.op != _BACK.get(op) or made.params.get("axis") != params.get("axis"):
        return None
    return pieces.sources(source)[0]


def _shape(pieces: Pieces, op: str, sources: Sequence[NodeId], params: Mapping[str, Any]) -> Shape:
    return get(op).shape(*(pieces.shapes[source] for source in sources), **params)


def _promoted(pieces: Pieces, sources: Sequence[NodeId]) -> Dtype:
    return np.result_type(*(pieces.dtypes[source] for source in sources))
