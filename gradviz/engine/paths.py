"""Where gradients can flow in a plan, and where not and why: known before anything is computed.

A node is *closed* when no gradient flows into it: a constant, a tensor of integers or booleans, and whatever depends
on no variable or input except through a *cut* (`stop_gradient`, a tensor of integers, a port whose rule is None).
The sweep *reaches* the targets, and the open nodes that reached nodes send something to. A reached op that sends
nothing from a port has an *end* there, with a reason; behind it lie nodes that no path leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from gradviz.graph import Leaf, NodeId, Plan, Port, Step
from gradviz.ops import Dtype, is_float, told_name


class Closure(NamedTuple):
    """Why no gradient flows into a node; `cut` is where a way from a variable or input ends, and `why`."""

    reason: str
    cut: NodeId | None = None
    why: str = ""


@dataclass(frozen=True, eq=False)
class Paths:
    """Where gradients flow.

    closed    nodes that no gradient flows into
    deposits  nodes that the sweep reaches -> how many contributions will arrive there
    ends      ports of reached nodes from which nothing is sent -> why
    walls     open nodes that depend on nothing but would be reached, were it not for an end -> where and why
    targets   the names of the targets
    steps     the steps of the plan by node
    """

    closed: Mapping[NodeId, Closure]
    deposits: Mapping[NodeId, int]
    ends: Mapping[Port, str]
    walls: Mapping[NodeId, Closure]
    targets: tuple[NodeId, ...]
    steps: Mapping[NodeId, Step]

    def reason(self, node: NodeId) -> str | None:
        """Return why no path leads from a target to a node; None where the sweep gives it a gradient."""
        if node in self.closed:
            return self.closed[node].reason
        if node in self.deposits:
            return None
        names = " or ".join(map(told_name, self.targets))
        if node in self.walls:
            wall = self.walls[node]
            return f"the way back from {names} is cut at {told_name(wall.cut or '')}: {wall.why}"
        return f"no path from {names} leads here" if names else "there is no target"


def paths_of(plan: Plan) -> Paths:
    """Return where gradients flow in a plan; the same plan is answered with the same object while it is in use."""
    with _LOCK:
        if plan in _ANSWERS:
            return _ANSWERS[plan]
    closed = _closed(plan)
    paths = _reached(plan, closed)
    with _LOCK:
        return _ANSWERS.setdefault(plan, paths)


_ANSWERS: Final[WeakKeyDictionary[Plan, Paths]] = WeakKeyDictionary()
_LOCK: Final = Lock()


def above(plan: Plan, nodes: Iterable[NodeId]) -> set[NodeId]:
    """Return nodes of a plan and everything that they depend on."""
    found = set(nodes)
    for step in reversed(plan.steps):
        if step.node in found:
            found.update(step.sources)
    return found


def open_ports(step: Step, closed: Mapping[NodeId, Closure]) -> Iterator[str]:
    """Yield the ports of a step through which a gradient can flow, in port order."""
    for port, source in zip(step.ports, step.sources, strict=True):
        if source not in closed and step.op.rule_for(port) is not None:
            yield port


def _closed(plan: Plan) -> Mapping[NodeId, Closure]:
    dtypes = plan.report.dtypes
    closed: dict[NodeId, Closure] = {}
    for node, leaf in plan.leaves.items():
        if (closure := _leaf_closure(node, leaf)) is not None:
            closed[node] = closure
    for step in plan.steps:
        if (closure := _step_closure(step, dtypes[step.node], closed)) is not None:
            closed[step.node] = closure
    return closed


def _leaf_closure(node: NodeId, leaf: Leaf) -> Closure | None:
    if not is_float(leaf.value.dtype):
        why = no_gradient_of(leaf.value.dtype)
        return Closure(why) if leaf.role == "constant" else Closure(why, node, why)
    return Closure(f"{told_name(node)} is a constant") if leaf.role == "constant" else None


def _step_closure(step: Step, dtype: Dtype, closed: Mapping[NodeId, Closure]) -> Closure | None:
    is_open = next(open_ports(step, closed), None) is not None
    if is_open and is_float(dtype):
        return None
    cut = _cut_above(step, closed)
    if not is_float(dtype):
        why = no_gradient_of(dtype)
        return Closure(why, step.node if cut else None, why)
    if cut is None:
        return Closure(f"{told_name(step.node)} depends on no variable or input")
    if cut.cut == step.node:
        return cut
    name, where = told_name(step.node), told_name(cut.cut or "")
    return Closure(f"{name} depends on variables and inputs only through {where}, and {cut.why}", *cut[1:])


def _cut_above(step: Step, closed: Mapping[NodeId, Closure]) -> Closure | None:
    """Return where the way from a variable or input to a step is cut: at the step itself, or further up."""
    for port, source in zip(step.ports, step.sources, strict=True):
        if source not in closed:
            why = no_rule(step, port)
            return Closure(why, step.node, why)
    above = (closed[source] for source in step.sources)
    return next((closure for closure in above if closure.cut is not None), None)


def no_gradient_of(dtype: Dtype) -> str:
    """Return the sentence for tensors of a dtype that has no gradient."""
    return f"{'boolean' if dtype.kind == 'b' else 'integer'} tensors have no gradient"


def no_rule(step: Step, port: str) -> str:
    """Return the sentence for a port that has no gradient rule."""
    if step.op.name == "stop_gradient":
        return "stop_gradient lets nothing through"
    return f"the rule of {step.op.name} gives no gradient for {port}"


def _reached(plan: Plan, closed: Mapping[NodeId, Closure]) -> Paths:
    deposits = dict.fromkeys(plan.targets, 0)
    ends: dict[Port, str] = {}
    walls: dict[NodeId, Closure] = {}
    for step in reversed(plan.steps):
        if step.node not in deposits:
            if step.node in walls:
                walls.update({source: walls[step.node] for source in step.sources if source not in walls})
            continue
        for port, source in zip(step.ports, step.sources, strict=True):
            why = _end(step, port, source, closed)
            if why is None:
                deposits[source] = deposits.get(source, 0) + 1
            else:
                ends[Port(step.node, port)] = why
                walls.setdefault(source, _wall(step, source, why, closed))
    return Paths(closed, deposits, ends, walls, tuple(plan.targets), {step.node: step for step in plan.steps})


def _end(step: Step, port: str, source: NodeId, closed: Mapping[NodeId, Closure]) -> str | None:
    """Return why nothing is sent from a port of a reached step; None where something is."""
    if source in closed:
        return closed[source].reason
    return no_rule(step, port) if step.op.rule_for(port) is None else None


def _wall(step: Step, source: NodeId, why: str, closed: Mapping[NodeId, Closure]) -> Closure:
    """Return what stands between a target and all that feeds `source` only."""
    if source not in closed:
        return Closure(why, step.node, why)
    closure = closed[source]
    return closure if closure.cut is not None else Closure(why, source, why)
