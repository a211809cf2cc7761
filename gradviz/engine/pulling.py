"""The sweep as nodes: the chain rule, step by step, where every gradient is a node and not an array.

What `sweep` computes, these nodes compute: the same rules, in the same order, broadcasting undone in the same way.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from gradviz.errors import GradvizError
from gradviz.graph import NodeId, Pieces, Port, Step
from gradviz.ops import Dtype, Shape, broadcast_axes, is_float, read_vjp


@dataclass(eq=False)
class Pulled:
    """Gradients as nodes: `totals` of nodes, and for each node the `contributions` that make up its total."""

    totals: dict[NodeId, NodeId]
    contributions: dict[NodeId, list[tuple[Port, NodeId]]] = field(default_factory=dict)


def pull_back(pieces: Pieces, steps: Iterable[Step], totals: dict[NodeId, NodeId], wanted: Container[NodeId]) -> Pulled:
    """Make the nodes of a sweep from the nodes that have a total already, their seed, to the nodes that are wanted.

    `steps` come first to last. Raises a `GradvizError` naming the step whose rule does not fit.
    """
    pulled = Pulled(dict(totals))
    for step in reversed(list(steps)):
        if step.node not in pulled.totals:
            continue
        for name, source in zip(step.ports, step.sources, strict=True):
            if source not in wanted:
                continue
            share = contribution(pieces, step, name, pulled.totals[step.node])
            if share is None:
                continue
            pulled.contributions.setdefault(source, []).append((Port(step.node, name), share))
            before = pulled.totals.get(source)
            pulled.totals[source] = share if before is None else pieces.node("add", [before, share])
    return pulled


def dependants(pieces: Pieces, steps: Iterable[Step], nodes: Iterable[NodeId]) -> set[NodeId]:
    """Return the nodes that gradients on their way to some nodes flow through, these among them."""
    through = set(nodes)
    for step in steps:
        if is_float(pieces.dtypes[step.node]) and any(
            source in through and step.op.rule_for(port) is not None
            for port, source in zip(step.ports, step.sources, strict=True)
        ):
            through.add(step.node)
    return through


def contribution(pieces: Pieces, step: Step, port: str, total: NodeId) -> NodeId | None:
    """Return the node of what a step sends from a port when its own gradient is `total`; None without a rule."""
    shapes = [pieces.shapes[source] for source in step.sources]
    dtypes = [pieces.dtypes[source] for source in step.sources]
    names = {**dict(zip(step.ports, step.sources, strict=True)), "g": total, "y": step.node}
    at = step.ports.index(port)
    try:
        rule = read_vjp(step.op, port, shapes, dtypes, step.params)
        return None if rule is None else fitted(pieces, pieces.read(rule, names), shapes[at], dtypes[at])
    except GradvizError as error:
        raise error.at(step.op.name, step.node) from error


def fitted(pieces: Pieces, raw: NodeId, shape: Shape, dtype: Dtype) -> NodeId:
    """Return the node that undoes broadcasting, and turns the dtype back."""
    found = pieces.shapes[raw]
    if found != shape:
        axes = broadcast_axes(shape, found)
        is_kept = len(shape) == len(found)
        raw = pieces.node("sum", [raw], {"axis": axes[0] if len(axes) == 1 else axes, "keepdims": is_kept})
        raw = pieces.node("reshape", [raw], {"shape": shape}) if pieces.shapes[raw] != shape else raw
    return raw if pieces.dtypes[raw] == dtype else pieces.node("astype", [raw], {"dtype": dtype.name})
