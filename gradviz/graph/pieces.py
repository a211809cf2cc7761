"""Rules as nodes: the expression of a rule becomes nodes of a document, its pieces.

A rule is read by `read_forward` or `read_vjp` of `ops`; here every step of it becomes a node, every number a constant
leaf, and equal pieces are one node. So an op is opened into what it is made of, and a sweep becomes a graph.

    pieces = Pieces(document.computation)
    result = pieces.read(read_vjp(op, "x", shapes, dtypes, params), {"g": "seed", "y": "h", "x": "a"})
    nodes, wires = pieces.nodes, pieces.wires            # those that were made
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.graph.check import check, infer
from gradviz.graph.edits import slots_for
from gradviz.graph.model import Array, Computation, Leaf, Node, NodeId, Port, Role, Tensor
from gradviz.graph.naming import next_name, stem_of
from gradviz.graph.ports import op_of
from gradviz.ops import OPS, Dtype, Op, Shape, as_key, is_constant_array, operands, operation, value_of

Operand = NodeId | int | float | Array | None
"""What a step of a rule takes: a node, a number or array that is written out, or nothing at an optional input."""

Simplify = Callable[["Pieces", str, Sequence[NodeId], Mapping[str, Any]], NodeId | None]
"""Asked before a node is made: the name of a node that already is what the op would give, or None."""

_CONSTANT: Final = "c"
_DIGITS: Final = "0123456789"


class Pieces:
    """Nodes in the making, beside those of a computation.

    `nodes` and `wires` are what has been made so far, sources first; `shapes` and `dtypes` tell of these nodes and of
    all that the computation has. With `shares` a piece that the computation has already is not made again.
    """

    def __init__(self, computation: Computation, *, shares: bool = False, simplify: Simplify | None = None) -> None:
        """Begin beside the nodes of a computation: names of pieces will be fresh, shapes are inferred."""
        report = check(computation)
        self.nodes: dict[NodeId, Node | Leaf] = {}
        self.wires: dict[Port, NodeId] = {}
        self.shapes: dict[NodeId, Shape] = dict(report.shapes)
        self.dtypes: dict[NodeId, Dtype] = dict(report.dtypes)
        self._there = computation
        self._ages: dict[NodeId, int] = {}
        self._simplify = simplify
        self._known: dict[Hashable, NodeId] = {}
        self._numbers: dict[str, int] = {}
        if shares:
            self._know(computation)

    def _know(self, computation: Computation) -> None:
        """Remember what the computation has; not its leaves, which a person may change: a rule has its own numbers."""
        for name, made in computation.nodes.items():
            if isinstance(made, Node) and name in self.shapes:
                self._known.setdefault((made.op, self.sources(name), as_key(made.params)), name)

    def made(self, node: NodeId) -> Node | Leaf:
        """Return what stands under a name, among the pieces or in the computation."""
        return self.nodes[node] if node in self.nodes else self._there.nodes[node]

    def sources(self, node: NodeId) -> tuple[NodeId, ...]:
        """Return what feeds a node, a piece or one of the computation, in port order; a leaf has no sources."""
        made, wires = self.made(node), self.wires if node in self.nodes else self._there.wires
        if isinstance(made, Leaf):
            return ()
        ports = (Port(node, port) for port in op_of(made).ports(made.slots))
        return tuple(wires[port] for port in ports if port in wires)

    def age(self, node: NodeId) -> int:
        """Return how many pieces were made before this one: what feeds a piece is older."""
        return self._ages[node]

    def read(self, expression: ast.expr, names: Mapping[str, NodeId], *, name: NodeId | None = None) -> NodeId:
        """Make the nodes of an expression and return the one that is its result.

        `names` says which node each tensor of the expression is. Under `name` the result is a node of its own, new,
        even where the expression is nothing but a tensor. A node that cannot be raises `GradvizError`.
        """
        results: dict[int, Operand] = {}
        waiting = [expression]
        while waiting:
            part = waiting[-1]
            needed = [operand for operand in operands(part) if id(operand) not in results]
            if needed:
                waiting += needed
                continue
            waiting.pop()
            if id(part) not in results:
                inputs = [results[id(operand)] for operand in operands(part)]
                results[id(part)] = self._part(part, inputs, names, name if part is expression else None)
        result = results[id(expression)]
        if name is not None and result != name:
            return self.node("identity", [result], name=name)
        return result if isinstance(result, str) else self.constant(np.asarray(result))

    def _part(
        self, part: ast.expr, inputs: Sequence[Operand], names: Mapping[str, NodeId], name: NodeId | None
    ) -> Operand:
        if isinstance(part, ast.Name):
            return names[part.id]
        if is_constant_array(part) or not (called := operation(part)):
            value: Operand = value_of(part)
            return value
        return self.node(called, inputs, _params(part), name=name)

    def node(
        self,
        op: str,
        inputs: Sequence[Operand],
        params: Mapping[str, Any] | None = None,
        *,
        name: NodeId | None = None,
    ) -> NodeId:
        """Return the node of an op with these inputs: a new one, or one that is the same; under `name` always new.

        Numbers among the inputs become constant leaves: of the dtype that NumPy would calculate with, so that
        `2 * x` stays float32 where `x` is.
        """
        record = OPS[op]
        sources = self._wired(record, inputs)
        read = record.read_params(params or {})
        record, read = self._plainest(record, read, sources)
        if name is None:
            simpler = self._simplify(self, record.name, sources, read) if self._simplify else None
            known = simpler or self._known.get((record.name, sources, as_key(read)))
            if known is not None:
                return known
        return self._new(record, sources, read, name)

    def _plainest(self, op: Op, params: Mapping[str, Any], sources: Sequence[NodeId]) -> tuple[Op, Mapping[str, Any]]:
        """Return a permutation that only swaps the last two axes as what everybody calls it: a transpose."""
        if op.name == "permute_dims":
            rank = len(self.shapes[sources[0]])
            if rank > 1 and params["axes"] in ((*range(rank - 2), rank - 1, rank - 2), None if rank == 2 else ()):
                return OPS["matrix_transpose"], OPS["matrix_transpose"].read_params({})
        return op, params

    def _new(self, op: Op, sources: tuple[NodeId, ...], params: Mapping[str, Any], name: NodeId | None) -> NodeId:
        shape, dtype = infer(op, [self.shapes[s] for s in sources], [self.dtypes[s] for s in sources], params)
        made = name or self._fresh(stem_of(op.name))
        self._ages[made] = len(self._ages)
        self.nodes[made] = Node(op.name, params, slots_for(op, made, len(sources) if op.variadic else None, 0))
        ports = op.ports(len(sources))
        self.wires.update({Port(made, port): source for port, source in zip(ports, sources, strict=False)})
        self.shapes[made], self.dtypes[made] = shape, dtype
        self._known.setdefault((op.name, sources, as_key(params)), made)
        return made

    def constant(self, value: Array | Tensor, *, name: NodeId | None = None) -> NodeId:
        """Return a constant leaf that holds a tensor: a new one, or one that holds the same; under `name` always new.

        An array that is read-only is not copied.
        """
        tensor = value if isinstance(value, Tensor) else Tensor(value)
        key = _tensor_key(tensor)
        if name is None and key in self._known:
            return self._known[key]
        made = self.leaf("constant", tensor, name=name)
        self._known.setdefault(key, made)
        return made

    def leaf(self, role: Role, tensor: Tensor, *, name: NodeId | None = None) -> NodeId:
        """Return a new leaf, which is shared with no piece that needs a constant."""
        made = name or self._fresh(_CONSTANT)
        self._ages[made] = len(self._ages)
        self.nodes[made] = Leaf(role, tensor)
        self.shapes[made], self.dtypes[made] = tensor.array.shape, tensor.array.dtype
        return made

    def _fresh(self, stem: str) -> NodeId:
        name = next_name(_Either(self._there.nodes, self.nodes), stem, self._numbers.get(stem, 0) + 1)
        self._numbers[stem] = int(name[len(stem.rstrip(_DIGITS)) :])
        return name

    def _wired(self, op: Op, inputs: Sequence[Operand]) -> tuple[NodeId, ...]:
        """Return the nodes that feed a node of an op, numbers made leaves; inputs left out stand at the end only."""
        given = list(inputs)
        while given and given[-1] is None:
            given.pop()
        if None in [item for item in given if not isinstance(item, np.ndarray)]:
            raise GradvizError("a rule calls {op} with a gap among its inputs", op=op.name)
        beside = [
            self.dtypes[item]
            for port, item in zip(op.ports(len(given)), given, strict=False)
            if isinstance(item, str) and port != "condition"
        ]
        return tuple(item if isinstance(item, str) else self.constant(_beside(item, beside)) for item in given)


class _Either:
    """Two tables of names as one, for whoever only asks what is taken."""

    def __init__(self, *tables: Mapping[NodeId, object]) -> None:
        self._tables = tables

    def __contains__(self, name: object) -> bool:
        return any(name in table for table in self._tables)


def _beside(value: Any, dtypes: Iterable[Dtype]) -> Array:
    """Return a number as the rank-0 array that NumPy calculates with beside tensors of these dtypes (NEP 50)."""
    if isinstance(value, np.ndarray):
        return value
    with np.errstate(all="ignore"):
        try:
            return np.asarray(value, np.result_type(value, *dtypes))
        except OverflowError:  # an integer that the dtype cannot hold: NumPy compares it as it is
            return np.asarray(value)


def _params(part: ast.expr) -> dict[str, Any]:
    match part:
        case ast.Subscript(slice=key):
            index = value_of(key)
            return {"index": index if isinstance(index, tuple) else (index,)}
        case ast.Call(keywords=keywords):
            return {keyword.arg: value_of(keyword.value) for keyword in keywords if keyword.arg is not None}
    return {}


def _tensor_key(tensor: Tensor) -> Hashable:
    """Return a tensor as something that is equal where they are the same; numbers that a recipe makes are not read."""
    if tensor.recipe is None:
        return as_key(tensor.array)
    arguments = as_key(tuple(sorted(tensor.recipe.arguments.items())))
    return ("recipe", tensor.recipe.kind, arguments, tensor.array.shape, tensor.array.dtype.str)
