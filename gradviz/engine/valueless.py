"""Nodes that have no value to work with, refused with the reason: not there, something open, something wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gradviz.errors import ComputeError, EditRefusedError, ShapeError
from gradviz.graph import Document, NodeId, Plan, ancestors
from gradviz.ops import is_float

_SHOWN: Final = 8
"""How many of a document's nodes a sentence names."""


def names_of(given: NodeId | Iterable[NodeId]) -> tuple[NodeId, ...]:
    """Return names that are given as one or as several, each once; what is no name stays, to be refused as such."""
    return tuple(dict.fromkeys([given] if isinstance(given, str) or not isinstance(given, Iterable) else given))


def refuse_unknown_node(document: Document, node: object) -> None:
    """Refuse a name that no node has, or what is no name at all."""
    if not isinstance(node, str):
        raise EditRefusedError("a node is named by a text, not by {kind}", kind=type(node).__name__)
    if node not in document.nodes:
        raise EditRefusedError(
            'there is no node "{node}": this document has {nodes}', node=node, nodes=_named(document)
        )


def _named(document: Document) -> str:
    names = list(document.nodes)
    return ", ".join([*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])]) or "none"


def refuse_without_value(document: Document, plan: Plan, node: NodeId) -> None:
    """Refuse a node that is not there, or that cannot be computed, with what is wrong with it or above it."""
    refuse_unknown_node(document, node)
    if node in plan.report.shapes:
        return
    above = ancestors(document.computation, node) | {node}
    problem = next(problem for problem in plan.report.problems if problem.node in above)
    if problem.error is not None:
        raise problem.error
    raise ComputeError('"{node}" cannot be computed: {why}', node=node, why=problem.sentence)


def refuse_without_floats(document: Document, plan: Plan, node: NodeId) -> None:
    """Refuse a node without a value, or whose value has no derivatives because it holds no floats."""
    refuse_without_value(document, plan, node)
    dtype = plan.report.dtypes[node]
    if not is_float(dtype):
        raise ShapeError('"{node}" has dtype {dtype}: only float tensors have derivatives', node=node, dtype=dtype)
