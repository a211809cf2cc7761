"""The sweep as nodes: the chain rule, step by step, where every gradient is a node and not an array.

What `sweep` computes, these nodes compute: the same rules, in the same order, broadcasting undone in the same way.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gradviz.errors import GradvizError
from gradviz.graph import NodeId, Pieces, Port, Step
from gradviz.ops import Dtype, Shape, broadcast_axes, is_float, read_vjps


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
        ports = [port for port, source in zip(step.ports, step.sources, strict=True) if source in wanted]
        for name, source, share in contributions(pieces, step, ports, pulled.totals[step.node]):
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


def contributions(
    pieces: Pieces, step: Step, ports: Sequence[str], total: NodeId
) -> Iterator[tuple[str, NodeId, NodeId]]:
    """Yield, for those of some ports that have a rule, the port, its source, and the node of what the step sends.

    `total` is the node of the step's own gradient.
    """
    shapes = [pieces.shapes[source] for source in step.sources]
    dtypes = [pieces.dtypes[source] for source in step.sources]
    names = {**dict(zip(step.ports, step.sources, strict=True)), "g": total, "y": step.node}
    try:
        for port, rule in read_vjps(step.op, ports, shapes, dtypes, step.params).items():
            source = names[port]
            yield port, source, fitted(pieces, pieces.read(rule, names), pieces.shapes[source], pieces.dtypes[source])
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
