"""Ops that are compositions: the forward rule of an op as a little graph of simpler ops.

It follows from the record alone: the rule is read at given shapes, and every step of it is an op of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradviz.errors import GradvizError
from gradviz.graph.check import check
from gradviz.graph.model import Computation, Document, Leaf, Node, NodeId, Port, Tensor
from gradviz.graph.pieces import Pieces
from gradviz.graph.ports import op_of
from gradviz.ops import Dtype, Op, Shape, operands, operation, operations, read_forward


@dataclass(frozen=True, eq=False)
class Use:
    """An op at work on tensors of these shapes and dtypes, which stand in the order of its ports."""

    op: Op
    shapes: Sequence[Shape]
    dtypes: Sequence[Dtype]
    params: Mapping[str, Any]

    @property
    def ports(self) -> tuple[str, ...]:
        """The ports that are fed."""
        return self.op.ports(len(self.shapes))[: len(self.shapes)]

    @cached_property
    def rule(self) -> Any:
        """The forward rule as an expression of the ports."""
        return read_forward(self.op, self.shapes, self.dtypes, self.params)

    @property
    def is_composed(self) -> bool:
        """Whether the rule has more than one step, none of which is the op itself."""
        has_several = any(operation(operand) for operand in operands(self.rule))
        return has_several and self.op.name not in operations(self.rule)


@dataclass(frozen=True, eq=False)
class Composition:
    """What an op is made of: nodes, `result` the last of them, and what feeds each; an input goes by its port."""

    result: NodeId
    nodes: Mapping[NodeId, Node | Leaf]
    sources: Mapping[NodeId, tuple[NodeId, ...]]

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the ops, in the order in which they compute."""
        return tuple(node.op for node in self.nodes.values() if isinstance(node, Node))


def composition_of(use: Use) -> Composition | None:
    """Return what an op is made of at these shapes, or None where it is one step, or cannot be read."""
    try:
        return _composed(use) if use.is_composed else None
    except GradvizError:
        return None


def _composed(use: Use) -> Composition:
    cells = (np.broadcast_to(np.zeros((), dtype), shape) for shape, dtype in zip(use.shapes, use.dtypes, strict=True))
    leaves = {port: Leaf("variable", Tensor(cell)) for port, cell in zip(use.ports, cells, strict=True)}
    pieces = Pieces(Computation(leaves))
    result = pieces.read(use.rule, {port: port for port in use.ports})
    return Composition(result, pieces.nodes, {name: pieces.sources(name) for name in pieces.nodes})


def use_of(document: Document, node: NodeId) -> tuple[Use, tuple[NodeId, ...]] | None:
    """Return at what a node is used, and what feeds it in port order; None for a leaf, or before it can compute."""
    found, report = document.nodes.get(node), check(document.computation)
    if not isinstance(found, Node) or node not in report.shapes:
        return None
    op = op_of(found)
    wired = (document.wires.get(Port(node, port)) for port in op.ports(found.slots))
    sources = tuple(source for source in wired if source is not None)
    shapes, dtypes = [report.shapes[name] for name in sources], [report.dtypes[name] for name in sources]
    return Use(op, shapes, dtypes, found.params), sources


def steps_of(document: Document, node: NodeId) -> tuple[str, ...]:
    """Return the ops that a node is made of, in the order in which they compute; nothing where it is one step."""
    found = use_of(document, node)
    composition = None if found is None else composition_of(found[0])
    return () if composition is None else composition.steps
