"""Forward mode: how everything moves when some nodes move, by the gradient rules alone.

A gradient rule is linear in the gradient g that arrives. So its own gradient with respect to g, pulled back from a
tangent of the input, is the tangent of the output: the rule turned round. No op needs a second rule.

    x̄ = Jᵀ g     (the rule of the port x)             ẏ = J ẋ = the gradient of ⟨x̄, ẋ⟩ by g
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from gradviz.engine.evaluating import compute
from gradviz.engine.pulling import contributions, dependants, pull_back
from gradviz.engine.simplifying import simplify
from gradviz.engine.valueless import names_of, refuse_without_floats, refuse_without_value
from gradviz.errors import ShapeError
from gradviz.graph import (
    Document,
    Leaf,
    Node,
    NodeId,
    Pieces,
    Plan,
    Step,
    Tensor,
    ancestors,
    as_tensor,
    op_of,
    plan_for,
)
from gradviz.ops import Array, is_float


@dataclass(frozen=True, eq=False)
class Jvp:
    """What forward mode gives: the value of every node, and its tangent, of the same shape and dtype.

    A tangent is None where nothing that moves leads to a node: gradients do not flow back from there either.
    """

    values: Mapping[NodeId, Array]
    tangents: Mapping[NodeId, Array | None]


def jvp(
    document: Document, tangents: Mapping[NodeId, ArrayLike], targets: NodeId | Iterable[NodeId] | None = None
) -> Jvp:
    """Return how all nodes move, to first order, when some nodes move by `tangents`: Jacobian-vector products.

    `tangents` are of the shapes of their nodes, leaves in any role or other nodes; what they feed adds to their own.
    `targets`: a name or names, with what they depend on; None for every node that can be computed.

    Raises `EditRefusedError` for a node that is not there, `ShapeError` for a tangent of another shape or for a node
    that holds no floats, `ComputeError` where values cannot be computed.
    """
    plan = plan_for(document, {})
    moving = {node: _tangent(document, plan, node, given) for node, given in tangents.items()}
    needed = _needed(document, plan, targets)
    steps = tuple(step for step in plan.steps if step.node in needed)
    values = {node: leaf.value for node, leaf in plan.leaves.items() if node in needed}
    compute(steps, values)
    pieces = Pieces(document.computation, simplify=simplify)
    pushed = push_forward(pieces, steps, {n: pieces.leaf("constant", Tensor(array)) for n, array in moving.items()})
    known = {**leaf_values(pieces), **values}
    compute(as_steps(pieces, pushed.values()), known)
    found = {node: known[pushed[node]] if node in pushed else None for node in values}
    return Jvp(MappingProxyType(values), MappingProxyType(found))


def _needed(document: Document, plan: Plan, targets: NodeId | Iterable[NodeId] | None) -> set[NodeId]:
    if targets is None:
        return {*plan.leaves, *(step.node for step in plan.steps)}
    names = names_of(targets)
    for name in names:
        refuse_without_value(document, plan, name)
    return {node for name in names for node in (name, *ancestors(document.computation, name))}


def _tangent(document: Document, plan: Plan, node: NodeId, given: ArrayLike) -> Array:
    """Return a tangent as a read-only array of the dtype of its node, or refuse it."""
    refuse_without_floats(document, plan, node)
    array = as_tensor(given).array
    shape, dtype = plan.report.shapes[node], plan.report.dtypes[node]
    if array.shape != shape:
        raise ShapeError(
            'the tangent of "{node}" has shape {given}, but "{node}" has shape {shape}: give it that shape',
            node=node,
            given=array.shape,
            shape=shape,
        )
    with np.errstate(all="ignore"):
        return array.astype(dtype, copy=False)


def push_forward(pieces: Pieces, steps: Iterable[Step], tangents: Mapping[NodeId, NodeId]) -> dict[NodeId, NodeId]:
    """Make the nodes of all tangents that follow from some, and return them by the node whose tangent they are."""
    pushed = dict(tangents)
    for step in steps:
        for tangent in list(_pushed(pieces, step, pushed)):
            total = pushed.get(step.node)
            pushed[step.node] = tangent if total is None else pieces.node("add", [total, tangent])
    return pushed


def _pushed(pieces: Pieces, step: Step, tangents: Mapping[NodeId, NodeId]) -> Iterable[NodeId]:
    """Yield the nodes of what each moving input of a step adds to its tangent."""
    moving = {
        port: tangents[source] for port, source in zip(step.ports, step.sources, strict=True) if source in tangents
    }
    if not moving or not is_float(pieces.dtypes[step.node]):
        return
    g = placeholder(pieces, step.node)
    for port, _, sent in contributions(pieces, step, list(moving), g):
        rule = as_steps(pieces, [sent])
        turned = pull_back(pieces, rule, {sent: moving[port]}, dependants(pieces, rule, [g])).totals.get(g)
        if turned is not None:
            yield turned


def placeholder(pieces: Pieces, node: NodeId) -> NodeId:
    """Return a leaf for the gradient or tangent of a node; what it holds is never used: rules are linear in it."""
    return pieces.leaf("input", Tensor(np.broadcast_to(np.zeros((), pieces.dtypes[node]), pieces.shapes[node])))


def leaf_values(pieces: Pieces) -> dict[NodeId, Array]:
    """Return what the leaves among the pieces hold."""
    return {node: leaf.value for node, leaf in pieces.nodes.items() if isinstance(leaf, Leaf)}


def as_steps(pieces: Pieces, results: Iterable[NodeId]) -> tuple[Step, ...]:
    """Return the pieces that some results are made of as steps, first to last; nodes that were there are not among."""
    needed: set[NodeId] = set()
    waiting = [node for node in results if node in pieces.nodes]
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting += [source for source in pieces.sources(node) if source in pieces.nodes]
    made = ((node, pieces.nodes[node]) for node in sorted(needed, key=pieces.age))
    return tuple(_step(pieces, node, kind) for node, kind in made if not isinstance(kind, Leaf))


def _step(pieces: Pieces, node: NodeId, made: Node) -> Step:
    op, sources = op_of(made), pieces.sources(node)
    return Step(node, op, made.params, op.ports(made.slots)[: len(sources)], sources)
