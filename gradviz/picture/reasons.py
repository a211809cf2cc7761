"""The line under a gradient: why it is zero, why there is none, how much of it has arrived; and how long it may be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gradviz.engine import Gradient, Moment, no_gradient_of, show_axes
from gradviz.graph import Computation, Leaf, NodeId, Port, Report, ports_of, targets_of
from gradviz.ops import Shape, find
from gradviz.picture.captions import troubles_of

_ZERO = "0: "
_SHORTER = (
    (re.compile(r"what arrives at ([^;]+?) is zero"), r"\1 gets zero"),
    (re.compile(r"its sum over (ax[ei]s [\w, ]+) cancels"), r"cancels over \1"),
    (re.compile(r"it was set back before the next step"), "set back"),
    (re.compile(r"^[^;]+? depends on variables and inputs only through [^;]+?, and "), ""),
)
"""Reasons as they are told on cards, where there is little room."""


def gradient_line(moment: Moment, node: NodeId, gradient: Gradient) -> str:
    """Return what stands under the gradient of a node: its reason, or how many contributions have arrived."""
    if gradient.state == "zero":
        return _ZERO + in_short(gradient.reason)
    if gradient.state == "no path":
        return in_short(gradient.reason)
    count, waiting = len(moment.deposits(node)), moment.waiting(node)
    seed = "seed + " if moment.seed(node) is not None else ""
    if gradient.state == "value":
        return f"{seed}sum of {count} contributions" if count > 1 else ""
    if moment.phase == "forward" or count + waiting < 2:
        return ""
    return f"{seed}{count} of {count + waiting} arrived" + (" · sum so far" if count else "")


def in_short(reason: str) -> str:
    """Return a reason in as few words as it takes beside the card that it is about."""
    for pattern, shorter in _SHORTER:
        reason = pattern.sub(shorter, reason)
    return reason


def longest_lines(computation: Computation, report: Report) -> Mapping[NodeId, str]:
    """Return the longest line that may come to stand under each node's gradient, as far as that shows before a run.

    Nothing can stand there only at a target that depends on a variable, that nothing else uses, with a seed of ones.
    """
    lines: dict[NodeId, str] = {}
    ways: dict[NodeId, list[NodeId]] = {}
    for node in computation.nodes:
        dtype = report.dtypes.get(node)
        is_float = dtype is None or dtype.kind == "f"
        lines[node] = f"{node} is a constant" if dtype is None or is_float else no_gradient_of(dtype)
    for port, source in computation.wires.items():
        reason = _reason(computation, report, port)
        if reason:
            ways.setdefault(source, []).append(port.node)
            lines[source] = max(lines[source], _ZERO + reason, key=len)
    for node, trouble in troubles_of(computation, report).items():
        lines[node] = max(lines[node], trouble.text, key=len)
    with_gradient = _reached(computation, ways)
    for node, seed in targets_of(computation).items():
        if seed is None and node in with_gradient and node not in ways:
            lines[node] = ""
        elif node not in with_gradient:
            lines[node] = max(lines[node], f"{node} depends on no variable or input", key=len)
    return lines


def _reached(computation: Computation, ways: Mapping[NodeId, Sequence[NodeId]]) -> set[NodeId]:
    """Return the nodes that depend on a variable or an input along ways that let gradients through."""
    reached: set[NodeId] = set()
    waiting = [
        name
        for name, node in computation.nodes.items()
        if isinstance(node, Leaf) and node.role != "constant" and node.value.dtype.kind == "f"
    ]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += ways.get(node, ())
    return reached


def _reason(computation: Computation, report: Report, port: Port) -> str:
    """Return the longest of the reasons why what a port gives may be zero; "" where it gives nothing."""
    kind = computation.nodes[port.node]
    reasons = [f"{port.node} gets zero"]
    op = None if isinstance(kind, Leaf) else find(kind.op)
    if op is None or port.name not in (ports := ports_of(kind)):
        return reasons[0]
    if op.rule_for(port.name) is None:
        return ""
    told = op.reason_for_zero(port.name)
    if told is not None:
        reasons.append(told.format(**{name: computation.wires.get(Port(port.node, name), name) for name in ports}))
    result, shape = report.shapes.get(port.node, ()), report.shapes.get(computation.wires[port], ())
    if _is_stretched(shape, result):
        reasons.append(f"cancels over {show_axes(tuple(range(len(result))))}")
    return max(reasons, key=len)


def _is_stretched(shape: Shape, result: Shape) -> bool:
    """Say whether a tensor may have been broadcast to the shape of a result."""
    pairs = zip(reversed(shape), reversed(result), strict=False)
    return shape != result and len(shape) <= len(result) and all(own in (1, other) for own, other in pairs)
